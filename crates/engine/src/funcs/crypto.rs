//! Cryptography: sprig's `sha256sum`, `genCA`, `htpasswd` and relatives.
//!
//! What is computed is in [`crate::crypto`]; here are budgets, the host's randomness and clock, and the keys it keeps.

use std::any::Any;
use std::borrow::Cow;
use std::net::IpAddr;
use std::rc::Rc;

use super::argtypes::{ArgType, GoObject, Int};
use super::{Builtin, func};
use crate::context::Context;
use crate::crypto::{self, Certificate, Entropy, KeyKind, Names, NoEntropy, Signer, Subject, Work};
use crate::error::FnError;
use crate::fmt;
use crate::host::Host;
use crate::limits::Exceeded;
use crate::value::{Field, GoStr, Kind, List, Named, Object, Type, UintKind, Value};

pub(crate) const FUNCS: &[Builtin] = &[
    func!("sha1sum", sha1sum),
    func!("sha256sum", sha256sum),
    func!("sha512sum", sha512sum),
    func!("adler32sum", adler32sum),
    func!("bcrypt", bcrypt),
    func!("htpasswd", htpasswd),
    func!("derivePassword", derive_password),
    func!("encryptAES", encrypt_aes),
    func!("decryptAES", decrypt_aes),
    func!("randBytes", rand_bytes),
    func!("randAlphaNum", rand_alpha_num),
    func!("randAlpha", rand_alpha),
    func!("randNumeric", rand_numeric),
    func!("randAscii", rand_ascii),
    func!("randInt", rand_int),
    func!("uuidv4", uuidv4),
    func!("shuffle", shuffle),
    func!("genPrivateKey", gen_private_key),
    func!("buildCustomCert", build_custom_cert),
    func!("genCA", gen_ca),
    func!("genCAWithKey", gen_ca_with_key),
    func!("genSelfSignedCert", gen_self_signed_cert),
    func!("genSelfSignedCertWithKey", gen_self_signed_cert_with_key),
    func!("genSignedCert", gen_signed_cert),
    func!("genSignedCertWithKey", gen_signed_cert_with_key),
];

const DIGITS: &[u8] = b"0123456789";
const LETTERS: &[u8] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
const LETTERS_AND_DIGITS: &[u8] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
/// Bits of the keys under certificates.
const CERTIFICATE_KEY_BITS: usize = 2048;
/// Bits of `genPrivateKey "rsa"`.
const PRIVATE_KEY_BITS: usize = 4096;

/// The host's generator.
struct HostEntropy<'h>(&'h dyn Host);

impl Entropy for HostEntropy<'_> {
    fn fill(&mut self, buffer: &mut [u8]) -> Result<(), NoEntropy> {
        self.0.fill_random(buffer).map_err(|_| NoEntropy)
    }
}

fn entropy<'h>(context: &Context<'h>) -> HostEntropy<'h> {
    HostEntropy(context.host())
}

/// Bytes that work is given to draw from.
fn draw<const N: usize>(context: &Context<'_>) -> Result<[u8; N], FnError> {
    let mut drawn = [0; N];
    entropy(context).fill(&mut drawn).map_err(failed)?;
    Ok(drawn)
}

/// Has the work done: by this build, or by whoever the host knows.
#[cfg(feature = "crypto")]
fn texts_of(_context: &Context<'_>, work: &Work<'_>) -> Result<Vec<Vec<u8>>, FnError> {
    crypto::perform(work).map_err(FnError::Message)
}

#[cfg(not(feature = "crypto"))]
fn texts_of(context: &Context<'_>, work: &Work<'_>) -> Result<Vec<Vec<u8>>, FnError> {
    let part = crate::host::MissingPart::Cryptography;
    let answer = context.host().delegate(part, &work.to_bytes());
    match answer.as_deref().and_then(crypto::answer_from_bytes) {
        Some(answer) => answer.map_err(FnError::Message),
        None => Err(FnError::new("there is no cryptography here")),
    }
}

/// The one text of work that has one; nothing for a check.
fn text_of(context: &Context<'_>, work: &Work<'_>) -> Result<Vec<u8>, FnError> {
    Ok(texts_of(context, work)?.pop().unwrap_or_default())
}

/// The two texts of work that makes a certificate.
fn certificate_of(context: &Context<'_>, work: &Work<'_>) -> CertificateResult {
    let mut texts = texts_of(context, work)?.into_iter();
    let [cert, key] = [texts.next(), texts.next()].map(Option::unwrap_or_default);
    Ok(Rc::new(CertificateValue(Certificate { cert, key })))
}

/// A typed error in Go's words.
fn failed(error: impl std::error::Error) -> FnError {
    FnError::new(error.to_string())
}

fn sha1sum(context: &mut Context<'_>, input: GoStr) -> Result<String, FnError> {
    spend_on_digest(context, &input)?;
    Ok(crypto::sha1_hex(input.as_bytes()))
}

fn sha256sum(context: &mut Context<'_>, input: GoStr) -> Result<String, FnError> {
    spend_on_digest(context, &input)?;
    Ok(crypto::sha256_hex(input.as_bytes()))
}

fn sha512sum(context: &mut Context<'_>, input: GoStr) -> Result<String, FnError> {
    spend_on_digest(context, &input)?;
    Ok(crypto::sha512_hex(input.as_bytes()))
}

fn adler32sum(context: &mut Context<'_>, input: GoStr) -> Result<String, FnError> {
    spend_on_digest(context, &input)?;
    Ok(crypto::adler32(input.as_bytes()).to_string())
}

/// A step for every block hashed.
fn spend_on_digest(context: &mut Context<'_>, input: &GoStr) -> Result<(), Exceeded> {
    context.budget().steps(input.len() as u64 / 64)
}

fn bcrypt(context: &mut Context<'_>, password: GoStr) -> Result<GoStr, FnError> {
    context.budget().key()?;
    let (password, salt) = (password.as_bytes(), salt_for(context, &password)?);
    Ok(text_of(context, &Work::Bcrypt { password, salt })?.into())
}

fn htpasswd(context: &mut Context<'_>, user: GoStr, password: GoStr) -> Result<GoStr, FnError> {
    context.budget().key()?;
    // A name that is refused draws nothing.
    let salt = match user.as_bytes().contains(&b':') {
        true => [0; 16],
        false => salt_for(context, &password)?,
    };
    let (user, password) = (user.as_bytes(), password.as_bytes());
    Ok(text_of(context, &Work::Htpasswd { user, password, salt })?.into())
}

/// Salt for a bcrypt hash; a password that is refused draws none.
fn salt_for(context: &Context<'_>, password: &GoStr) -> Result<[u8; 16], FnError> {
    match password.len() > crypto::MAX_BCRYPT_PASSWORD {
        true => Ok([0; 16]),
        false => draw(context),
    }
}

/// Go's `uint32` as a parameter.
struct Counter(u32);

impl ArgType for Counter {
    const TYPE: Type = Type::Uint(UintKind::Uint32);

    fn from_value(value: Value) -> Result<Self, FnError> {
        match value {
            Value::Uint(_, number) => Ok(Self(number as u32)),
            other => {
                let (want, got) = (Self::TYPE, other.type_name());
                Err(FnError::new(format!(
                    "wrong type for value; expected {want}; got {got}"
                )))
            }
        }
    }
}

fn derive_password(
    context: &mut Context<'_>,
    counter: Counter,
    kind: GoStr,
    password: GoStr,
    user: GoStr,
    site: GoStr,
) -> Result<GoStr, FnError> {
    context.budget().key()?;
    let [kind, password, user, site] = [&kind, &password, &user, &site].map(GoStr::as_bytes);
    let work = Work::DerivePassword {
        counter: counter.0,
        kind,
        password,
        user,
        site,
    };
    Ok(text_of(context, &work)?.into())
}

fn encrypt_aes(context: &mut Context<'_>, password: GoStr, plaintext: GoStr) -> Result<GoStr, FnError> {
    context.budget().string(plaintext.len().saturating_mul(2))?;
    // Nothing stays nothing, and draws nothing.
    if plaintext.is_empty() {
        return Ok(GoStr::default());
    }
    let work = Work::EncryptAes {
        password: password.as_bytes(),
        plaintext: plaintext.as_bytes(),
        vector: draw(context)?,
    };
    Ok(text_of(context, &work)?.into())
}

fn decrypt_aes(context: &mut Context<'_>, password: GoStr, message: GoStr) -> Result<GoStr, FnError> {
    context.budget().string(message.len())?;
    let (password, message) = (password.as_bytes(), message.as_bytes());
    Ok(text_of(context, &Work::DecryptAes { password, message })?.into())
}

fn rand_bytes(context: &mut Context<'_>, count: Int) -> Result<GoStr, FnError> {
    let count =
        usize::try_from(count.0).map_err(|_| FnError::new("runtime error: makeslice: len out of range"))?;
    context.budget().string(count.saturating_mul(2))?;
    let mut bytes = vec![0; count];
    context.host().fill_random(&mut bytes)?;
    Ok(crypto::encode_base64(&bytes).into())
}

fn rand_alpha_num(context: &mut Context<'_>, count: Int) -> Result<GoStr, FnError> {
    random_string(context, LETTERS_AND_DIGITS, count)
}

fn rand_alpha(context: &mut Context<'_>, count: Int) -> Result<GoStr, FnError> {
    random_string(context, LETTERS, count)
}

fn rand_numeric(context: &mut Context<'_>, count: Int) -> Result<GoStr, FnError> {
    random_string(context, DIGITS, count)
}

fn rand_ascii(context: &mut Context<'_>, count: Int) -> Result<GoStr, FnError> {
    let printable: Vec<u8> = (b' '..=b'~').collect();
    random_string(context, &printable, count)
}

/// Sprig drops the error about a negative length.
fn random_string(context: &mut Context<'_>, alphabet: &[u8], count: Int) -> Result<GoStr, FnError> {
    let count = usize::try_from(count.0).unwrap_or(0);
    context.budget().string(count)?;
    crypto::random_string(&mut entropy(context), alphabet, count)
        .map(GoStr::from)
        .map_err(failed)
}

fn rand_int(context: &mut Context<'_>, min: Int, max: Int) -> Result<Int, FnError> {
    let span = u64::try_from(max.0.wrapping_sub(min.0)).unwrap_or(0);
    if span == 0 {
        return Err(FnError::new("invalid argument to Intn"));
    }
    let number = crypto::below(&mut entropy(context), span).map_err(failed)?;
    Ok(Int(min.0.wrapping_add(number as i64)))
}

fn uuidv4(context: &mut Context<'_>) -> Result<String, FnError> {
    crypto::uuid_v4(&mut entropy(context)).map_err(failed)
}

fn shuffle(context: &mut Context<'_>, text: GoStr) -> Result<GoStr, FnError> {
    context.budget().string(text.len())?;
    let mut runes: Vec<char> = text.runes().map(|(rune, _)| rune).collect();
    crypto::shuffle(&mut entropy(context), &mut runes).map_err(failed)?;
    Ok(GoStr::from(runes.into_iter().collect::<String>()))
}

/// What sprig's `genCA` and relatives return.
#[derive(Debug)]
struct CertificateValue(Certificate);

impl GoObject for CertificateValue {
    const TYPE: Type = Type::Named(&Named {
        name: "sprig.certificate",
        kind: Kind::Struct,
        elem: Type::Interface,
        methods: &[],
    });
}

impl Object for CertificateValue {
    fn ty(&self) -> Type {
        Self::TYPE
    }

    fn field(&self, name: &str) -> Option<Field> {
        let text = match name {
            "Cert" => &self.0.cert,
            "Key" => &self.0.key,
            _ => return None,
        };
        Some(Field::Value(Value::string(text.as_slice()), Type::String))
    }

    fn fields(&self) -> Vec<(&'static str, Value)> {
        vec![
            ("Cert", Value::string(self.0.cert.as_slice())),
            ("Key", Value::string(self.0.key.as_slice())),
        ]
    }

    fn equals(&self, other: &dyn Object) -> bool {
        let other: &dyn Any = other;
        other
            .downcast_ref::<Self>()
            .is_some_and(|other| self.0 == other.0)
    }
}

type CertificateResult = Result<Rc<CertificateValue>, FnError>;

fn gen_private_key(context: &mut Context<'_>, kind: GoStr) -> Result<GoStr, FnError> {
    let (name, wanted) = match kind.as_bytes() {
        b"" | b"rsa" => (
            "rsa",
            KeyKind::Rsa {
                bits: PRIVATE_KEY_BITS,
            },
        ),
        b"dsa" => ("dsa", KeyKind::Dsa),
        b"ecdsa" => ("ecdsa", KeyKind::Ecdsa),
        b"ed25519" => ("ed25519", KeyKind::Ed25519),
        unknown => return Ok([b"Unknown type ", unknown].concat().into()),
    };
    Ok(key(context, wanted, "genPrivateKey", name)?.into())
}

/// A key as PEM: kept by the host for this function and name, made by the host, or made here.
fn key(context: &mut Context<'_>, kind: KeyKind, function: &str, name: &str) -> Result<Vec<u8>, FnError> {
    // Also when the host has one: signing with it takes time, too.
    context.budget().key()?;
    let host = context.host();
    if let Some(kept) = host.cached_key(function, name) {
        return text_of(context, &Work::ReadKey { pem: kept.as_bytes() });
    }
    let made = match kind {
        KeyKind::Rsa { bits } => host.generate_rsa(bits),
        KeyKind::Dsa | KeyKind::Ecdsa | KeyKind::Ed25519 => None,
    };
    let key = match made {
        Some(pem) => text_of(context, &Work::ReadKey { pem: pem.as_bytes() })?,
        None => {
            let seed = draw(context)?;
            text_of(context, &Work::GenerateKey { kind, seed })?
        }
    };
    host.keep_key(function, name, &String::from_utf8_lossy(&key));
    Ok(key)
}

fn build_custom_cert(context: &mut Context<'_>, cert: GoStr, key: GoStr) -> CertificateResult {
    let (cert, key) = (cert.as_bytes(), key.as_bytes());
    certificate_of(context, &Work::ReadCertificate { cert, key })
}

fn gen_ca(context: &mut Context<'_>, name: GoStr, days: Int) -> CertificateResult {
    let key = certificate_key(context, "genCA", &name)?;
    certificate(
        context,
        &name,
        days,
        &Names::default(),
        Signer::NewAuthority,
        &key,
    )
}

fn gen_ca_with_key(context: &mut Context<'_>, name: GoStr, days: Int, key: GoStr) -> CertificateResult {
    check_key(context, &key)?;
    let (names, key) = (Names::default(), key.as_bytes());
    certificate(context, &name, days, &names, Signer::NewAuthority, key)
}

fn gen_self_signed_cert(
    context: &mut Context<'_>,
    name: GoStr,
    ips: List,
    dns: List,
    days: Int,
) -> CertificateResult {
    let names = names(&ips, &dns)?;
    let key = certificate_key(context, "genSelfSignedCert", &name)?;
    certificate(context, &name, days, &names, Signer::Itself, &key)
}

fn gen_self_signed_cert_with_key(
    context: &mut Context<'_>,
    name: GoStr,
    ips: List,
    dns: List,
    days: Int,
    key: GoStr,
) -> CertificateResult {
    check_key(context, &key)?;
    let (names, key) = (names(&ips, &dns)?, key.as_bytes());
    certificate(context, &name, days, &names, Signer::Itself, key)
}

fn gen_signed_cert(
    context: &mut Context<'_>,
    name: GoStr,
    ips: List,
    dns: List,
    days: Int,
    authority: Rc<CertificateValue>,
) -> CertificateResult {
    let authority = check_authority(context, &authority)?;
    let names = names(&ips, &dns)?;
    let key = certificate_key(context, "genSignedCert", &name)?;
    certificate(context, &name, days, &names, Signer::Authority(authority), &key)
}

fn gen_signed_cert_with_key(
    context: &mut Context<'_>,
    name: GoStr,
    ips: List,
    dns: List,
    days: Int,
    authority: Rc<CertificateValue>,
    key: GoStr,
) -> CertificateResult {
    check_key(context, &key)?;
    let authority = check_authority(context, &authority)?;
    let (names, key) = (names(&ips, &dns)?, key.as_bytes());
    certificate(context, &name, days, &names, Signer::Authority(authority), key)
}

fn certificate_key(context: &mut Context<'_>, function: &str, name: &GoStr) -> Result<Vec<u8>, FnError> {
    let bits = CERTIFICATE_KEY_BITS;
    key(context, KeyKind::Rsa { bits }, function, &name.to_str_lossy())
}

/// Whether what a template passes is a key, before anything else is looked at.
fn check_key(context: &mut Context<'_>, pem: &GoStr) -> Result<(), FnError> {
    context.budget().key()?;
    match texts_of(context, &Work::CheckKey { pem: pem.as_bytes() }) {
        Ok(_) => Ok(()),
        Err(FnError::Message(error)) => Err(FnError::new(format!("parsing private key: {error}"))),
        Err(other) => Err(other),
    }
}

/// The authority that a template passes, if it is one.
fn check_authority<'c>(
    context: &Context<'_>,
    authority: &'c CertificateValue,
) -> Result<Cow<'c, Certificate>, FnError> {
    let authority = Cow::Borrowed(&authority.0);
    texts_of(
        context,
        &Work::CheckAuthority {
            authority: authority.clone(),
        },
    )?;
    Ok(authority)
}

fn certificate(
    context: &Context<'_>,
    name: &GoStr,
    days: Int,
    names: &Names,
    signer: Signer<'_>,
    key: &[u8],
) -> CertificateResult {
    let subject = Subject {
        common_name: name.as_bytes(),
        days_valid: days.0,
        now_nanos: context.host().unix_nanos(),
    };
    let work = Work::Certify {
        subject,
        names: Cow::Borrowed(names),
        signer,
        key,
        serial: draw(context)?,
    };
    certificate_of(context, &work)
}

fn names(ips: &List, dns: &List) -> Result<Names, FnError> {
    let ip = |value: &Value| -> Result<IpAddr, FnError> {
        let Value::String(text) = value else {
            return Err(FnError::new(format!(
                "error parsing ip: {} is not a string",
                fmt::sprint_value(value)
            )));
        };
        let parsed = text.as_str().and_then(|text| text.parse().ok());
        parsed.ok_or_else(|| FnError::new(format!("error parsing ip: {text}")))
    };
    let name = |value: &Value| -> Result<Vec<u8>, FnError> {
        match value {
            Value::String(text) => Ok(text.as_bytes().to_vec()),
            other => {
                let other = fmt::sprint_value(other);
                Err(FnError::new(format!(
                    "error processing alternate dns name: {other} is not a string"
                )))
            }
        }
    };
    Ok(Names {
        ips: ips.iter().map(ip).collect::<Result<_, _>>()?,
        dns: dns.iter().map(name).collect::<Result<_, _>>()?,
    })
}

#[cfg(test)]
mod tests {
    use std::cell::{Cell, RefCell};
    use std::collections::BTreeMap;

    use super::super::argtypes::Args;
    use super::super::find;
    use super::*;
    use crate::host::NoHost;
    use crate::limits::Limits;

    /// Repeatable randomness, a clock that stands still, and keys that are kept.
    #[derive(Default)]
    struct TestHost {
        counter: Cell<u8>,
        keys: RefCell<BTreeMap<(String, String), String>>,
    }

    impl Host for TestHost {
        fn unix_nanos(&self) -> i128 {
            1_795_521_600_000_000_000
        }

        fn fill_random(&self, buffer: &mut [u8]) -> Result<(), FnError> {
            for byte in buffer {
                self.counter
                    .set(self.counter.get().wrapping_mul(5).wrapping_add(77));
                *byte = self.counter.get();
            }
            Ok(())
        }

        fn cached_key(&self, function: &str, name: &str) -> Option<String> {
            self.keys
                .borrow()
                .get(&(function.to_owned(), name.to_owned()))
                .cloned()
        }

        fn keep_key(&self, function: &str, name: &str, pem: &str) {
            self.keys
                .borrow_mut()
                .insert((function.to_owned(), name.to_owned()), pem.to_owned());
        }
    }

    fn call_in(context: &mut Context<'_>, name: &str, mut arguments: Vec<Value>) -> Result<Value, String> {
        let builtin = find(name).ok_or("no such function")?;
        (builtin.call)(context, Args::new(&mut arguments)).map_err(|error| error.to_string())
    }

    fn call(name: &str, arguments: Vec<Value>) -> Result<String, String> {
        let host = TestHost::default();
        let mut context = Context::new(&host, Limits::default());
        call_in(&mut context, name, arguments)
            .map(|value| value.as_str().map(ToString::to_string).unwrap_or_default())
    }

    fn text(text: &str) -> Value {
        Value::string(text)
    }

    fn field(value: &Value, name: &str) -> String {
        let Value::Object(object) = value else {
            panic!("{value:?}")
        };
        match object.field(name) {
            Some(Field::Value(Value::String(text), _)) => text.to_string(),
            _ => panic!("no field {name}"),
        }
    }

    #[test]
    fn random_strings_have_the_length_asked_for() {
        for name in ["randAlphaNum", "randAlpha", "randNumeric", "randAscii"] {
            assert_eq!(call(name, vec![Value::int(40)]).unwrap().len(), 40);
            assert_eq!(call(name, vec![Value::int(-1)]).unwrap(), "");
        }
        assert_eq!(call("randBytes", vec![Value::int(8)]).unwrap().len(), 12);
        assert_eq!(
            call("randBytes", vec![Value::int(-1)]).unwrap_err(),
            "runtime error: makeslice: len out of range"
        );
        assert!(
            call("randAlpha", vec![Value::int(i64::MAX)])
                .unwrap_err()
                .contains("string is larger")
        );
        assert_eq!(call("shuffle", vec![text("")]).unwrap(), "");
    }

    #[test]
    fn the_same_host_gives_the_same_bytes() {
        for (name, arguments) in [("uuidv4", vec![]), ("htpasswd", vec![text("u"), text("p")])] {
            assert_eq!(call(name, arguments.clone()), call(name, arguments));
        }
        let mut context = Context::new(&NoHost, Limits::default());
        assert_eq!(
            call_in(&mut context, "uuidv4", vec![]).unwrap_err(),
            "no source of randomness"
        );
    }

    #[test]
    fn rand_int_panics_as_go_does() {
        assert_eq!(
            call("randInt", vec![Value::int(3), Value::int(3)]).unwrap_err(),
            "invalid argument to Intn"
        );
        let host = TestHost::default();
        let mut context = Context::new(&host, Limits::default());
        for _ in 0..50 {
            let number = call_in(&mut context, "randInt", vec![Value::int(-2), Value::int(3)]).unwrap();
            assert!(matches!(number, Value::Int(_, -2..3)), "{number:?}");
        }
    }

    #[test]
    fn certificates_have_fields_and_keys_are_kept_by_function_and_name() {
        let host = TestHost::default();
        let mut context = Context::new(&host, Limits::default());
        let ca = call_in(&mut context, "genCA", vec![text("ca"), Value::int(1)]).unwrap();
        assert!(field(&ca, "Cert").starts_with("-----BEGIN CERTIFICATE-----\n"));
        assert_eq!(ca.type_name(), "sprig.certificate");
        let again = call_in(&mut context, "genCA", vec![text("ca"), Value::int(1)]).unwrap();
        assert_eq!(field(&ca, "Key"), field(&again, "Key"));
        let dns = Value::list(vec![text("a.b")]);
        let ips = Value::list(vec![text("1.2.3.4")]);
        let leaf = vec![text("leaf"), ips.clone(), dns.clone(), Value::int(1), ca.clone()];
        let leaf = call_in(&mut context, "genSignedCert", leaf).unwrap();
        assert_ne!(field(&ca, "Key"), field(&leaf, "Key"));
        assert_eq!(host.keys.borrow().len(), 2);
        let own_key = vec![
            text("leaf"),
            ips,
            dns,
            Value::int(1),
            ca,
            text(&field(&leaf, "Key")),
        ];
        let own_key = call_in(&mut context, "genSignedCertWithKey", own_key).unwrap();
        assert_eq!(field(&own_key, "Key"), field(&leaf, "Key"));
    }

    #[test]
    fn bad_names_are_errors() {
        let own = |ips: Vec<Value>, dns: Vec<Value>| {
            call(
                "genSelfSignedCert",
                vec![text("x"), Value::list(ips), Value::list(dns), Value::int(1)],
            )
            .unwrap_err()
        };
        assert_eq!(own(vec![text("1.2.3")], vec![]), "error parsing ip: 1.2.3");
        assert_eq!(
            own(vec![Value::Float(1e6)], vec![]),
            "error parsing ip: 1e+06 is not a string"
        );
        assert_eq!(
            own(vec![], vec![Value::Nil]),
            "error processing alternate dns name: <nil> is not a string"
        );
    }

    #[test]
    fn key_generations_are_limited() {
        let host = TestHost::default();
        let limits = Limits {
            max_key_generations: 2,
            ..Limits::default()
        };
        let mut context = Context::new(&host, limits);
        for _ in 0..2 {
            call_in(&mut context, "genPrivateKey", vec![text("ed25519")]).unwrap();
        }
        let error = call_in(&mut context, "genPrivateKey", vec![text("ed25519")]).unwrap_err();
        assert_eq!(error, "template generates more than 2 keys");
        assert_eq!(
            call("genPrivateKey", vec![text("zzz")]).unwrap(),
            "Unknown type zzz"
        );
    }
}
