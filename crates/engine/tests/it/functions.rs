//! No function panics or runs away, whatever it is given.

use std::panic::{AssertUnwindSafe, catch_unwind};

use engine::datetime::{Duration, Time, Zone};
use engine::funcs::argtypes::Args;
use engine::value::{GoStr, Kind, List, Map, Type, Value};
use engine::{Context, Limits, NoHost};

/// Calls of each function.
const ROUNDS: usize = 1_000;

/// Derive keys, which takes seconds, or execute templates, which needs a set of them.
const APART: &[&str] = &[
    "bcrypt",
    "derivePassword",
    "genCA",
    "genCAWithKey",
    "genPrivateKey",
    "genSelfSignedCert",
    "genSelfSignedCertWithKey",
    "genSignedCert",
    "genSignedCertWithKey",
    "htpasswd",
    "include",
    "tpl",
];

const TEXTS: &[&[u8]] = &[
    b"",
    b"a",
    b"abc def",
    b"\xff\xfe",
    "é日本".as_bytes(),
    b"(a*)*b",
    b"((a{10}){10}){10}",
    b"\\Q[[:",
    b"(?i)\xc5\xbf\\p{Han}+",
    b"$1${a}$$",
    b"^1.x || >2 - 3",
    b"-9223372036854775808h",
    b"9223372036854775807",
    b"1e999",
    b"2006-01-02T15:04:05.000Z07:00 MST __2 002",
    b"9999-12-31 23:59:60 +9999",
    b"http://[::1]:x/%",
    b"../America/New_York",
    b"\n\n",
    b"a: &x [*x, {b: !!c |\n d}]",
    b"{\"a\": [1e400, \"\\ud800\"]}",
];

const NUMBERS: &[i64] = &[
    0,
    1,
    -1,
    3,
    7,
    100,
    1 << 31,
    -(1 << 31),
    1 << 53,
    i64::MAX,
    i64::MIN,
    i64::MAX - 1,
    i64::MIN + 1,
];

const FLOATS: &[f64] = &[
    0.0,
    -0.0,
    1.5,
    -2.5,
    1e20,
    -1e308,
    5e-324,
    f64::NAN,
    f64::INFINITY,
];

/// A small xorshift generator: the same arguments in every run.
struct Random(u64);

impl Random {
    fn below(&mut self, n: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % n as u64).expect("below a usize")
    }

    fn pick<T: Copy>(&mut self, from: &[T]) -> T {
        from[self.below(from.len())]
    }

    fn text(&mut self) -> GoStr {
        match self.below(4) {
            0 => (0..self.below(30))
                .map(|_| u8::try_from(self.below(256)).unwrap_or(0))
                .collect::<Vec<u8>>()
                .into(),
            1 => self.pick(TEXTS).repeat(self.below(30)).into(),
            _ => self.pick(TEXTS).into(),
        }
    }

    fn map(&mut self, depth: usize) -> Map {
        (0..self.below(4))
            .map(|_| (self.text(), self.value(depth)))
            .collect()
    }

    fn value(&mut self, depth: usize) -> Value {
        match self.below(13) {
            0 => Value::Nil,
            1 => Value::Bool(self.below(2) == 0),
            2 => Value::int(self.pick(NUMBERS)),
            3 => Value::int64(self.pick(NUMBERS)),
            4 => Value::Float(self.pick(FLOATS)),
            5 if depth > 0 => Value::list((0..self.below(5)).map(|_| self.value(depth - 1)).collect()),
            6 | 7 if depth > 0 => Value::Map(self.map(depth - 1)),
            8 => Value::Bytes(self.text()),
            9 => Value::List(List::nil(Type::STRINGS)),
            10 => Value::object(self.time()),
            11 => Value::object(Duration(self.pick(NUMBERS))),
            _ => Value::String(self.text()),
        }
    }

    fn time(&mut self) -> Time {
        let offset = i32::try_from(self.below(200_000)).unwrap_or(0) - 100_000;
        Time::from_unix(self.pick(NUMBERS), self.pick(NUMBERS), Zone::fixed("X", offset))
    }

    /// An argument of the wanted type; now and then of any.
    fn argument(&mut self, ty: Type) -> Value {
        if self.below(20) == 0 {
            return self.value(2);
        }
        match ty.kind() {
            Kind::String => Value::String(self.text()),
            Kind::Int | Kind::Int64 => Value::int(self.pick(NUMBERS)),
            Kind::Bool => Value::Bool(self.below(2) == 0),
            Kind::Float64 => Value::Float(self.pick(FLOATS)),
            Kind::Map => Value::Map(self.map(2)),
            Kind::Struct => Value::object(self.time()),
            _ => self.value(3),
        }
    }
}

#[test]
fn no_function_panics_on_any_arguments() {
    let mut random = Random(0x5eed_1234_5678_9abc);
    for builtin in engine::funcs::all().filter(|builtin| !APART.contains(&builtin.name)) {
        for _ in 0..ROUNDS {
            let limits = Limits {
                max_string_bytes: 1 << 20,
                max_list_items: 10_000,
                ..Limits::default()
            };
            let mut context = Context::new(&NoHost, limits);
            let mut args = Vec::new();
            let params = builtin.signature.params;
            for (index, param) in params.iter().enumerate() {
                let variadic = builtin.signature.variadic && index + 1 == params.len();
                let count = if variadic { random.below(5) } else { 1 };
                args.extend((0..count).map(|_| random.argument(*param)));
            }
            let shown = format!("{args:?}");
            let outcome = catch_unwind(AssertUnwindSafe(|| {
                let result = (builtin.call)(&mut context, Args::new(&mut args));
                result
                    .map(|value| engine::fmt::sprint_value(&value))
                    .map_err(|error| error.to_string())
            }));
            assert!(outcome.is_ok(), "{} {shown}", builtin.name);
        }
    }
}
