//! Natural numbers of any size in base 10^9, so that powers of ten are shifts.

use std::cmp::Ordering;
use std::fmt;

const BASE: u64 = 1_000_000_000;
const DIGITS_PER_LIMB: u32 = 9;

/// Limbs from the least significant, the last never zero.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Natural(Vec<u32>);

const fn low(value: u64) -> u32 {
    (value % BASE) as u32
}

impl Natural {
    pub(super) fn from_u64(mut value: u64) -> Self {
        let mut limbs = Vec::new();
        while value > 0 {
            limbs.push(low(value));
            value /= BASE;
        }
        Self(limbs)
    }

    pub(super) fn is_zero(&self) -> bool {
        self.0.is_empty()
    }

    fn trimmed(mut limbs: Vec<u32>) -> Self {
        while limbs.last() == Some(&0) {
            limbs.pop();
        }
        Self(limbs)
    }

    fn limb(&self, index: usize) -> u64 {
        self.0.get(index).copied().map_or(0, u64::from)
    }

    pub(super) fn add(&self, other: &Self) -> Self {
        let mut carry = 0;
        let mut limbs = Vec::with_capacity(self.0.len().max(other.0.len()) + 1);
        for index in 0..self.0.len().max(other.0.len()) {
            let sum = self.limb(index) + other.limb(index) + carry;
            limbs.push(low(sum));
            carry = sum / BASE;
        }
        limbs.push(low(carry));
        Self::trimmed(limbs)
    }

    /// The difference; `other` is not greater.
    pub(super) fn sub(&self, other: &Self) -> Self {
        let mut borrow = 0;
        let mut limbs = Vec::with_capacity(self.0.len());
        for index in 0..self.0.len() {
            let difference = BASE + self.limb(index) - other.limb(index) - borrow;
            limbs.push(low(difference));
            borrow = 1 - difference / BASE;
        }
        Self::trimmed(limbs)
    }

    fn mul_small(&self, factor: u64) -> Self {
        let mut carry = 0;
        let mut limbs = Vec::with_capacity(self.0.len() + 1);
        for limb in &self.0 {
            let product = u64::from(*limb) * factor + carry;
            limbs.push(low(product));
            carry = product / BASE;
        }
        limbs.push(low(carry));
        Self::trimmed(limbs)
    }

    pub(super) fn mul(&self, other: &Self) -> Self {
        let mut product = Self(Vec::new());
        for limb in other.0.iter().rev() {
            product = product
                .shifted(DIGITS_PER_LIMB)
                .add(&self.mul_small(u64::from(*limb)));
        }
        product
    }

    /// Times `10^digits`.
    pub(super) fn shifted(&self, digits: u32) -> Self {
        if self.is_zero() {
            return self.clone();
        }
        let factor = 10u64.pow(digits % DIGITS_PER_LIMB);
        let zeros = usize::try_from(digits / DIGITS_PER_LIMB).unwrap_or(0);
        let mut limbs = vec![0; zeros];
        limbs.extend(self.mul_small(factor).0);
        Self(limbs)
    }

    /// Quotient and rest; `divisor` is not zero.
    pub(super) fn div_rem(&self, divisor: &Self) -> (Self, Self) {
        let mut quotient = Vec::with_capacity(self.0.len());
        let mut rest = Self(Vec::new());
        for limb in self.0.iter().rev() {
            rest = rest
                .shifted(DIGITS_PER_LIMB)
                .add(&Self::from_u64(u64::from(*limb)));
            // The largest digit whose product fits; numbers here have few limbs, so halving is fast enough.
            let (mut digit, mut above) = (0, BASE);
            while above - digit > 1 {
                let middle = digit + (above - digit) / 2;
                if divisor.mul_small(middle) <= rest {
                    digit = middle;
                } else {
                    above = middle;
                }
            }
            rest = rest.sub(&divisor.mul_small(digit));
            quotient.push(low(digit));
        }
        quotient.reverse();
        (Self::trimmed(quotient), rest)
    }
}

impl Ord for Natural {
    fn cmp(&self, other: &Self) -> Ordering {
        self.0
            .len()
            .cmp(&other.0.len())
            .then_with(|| self.0.iter().rev().cmp(other.0.iter().rev()))
    }
}

impl PartialOrd for Natural {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl fmt::Display for Natural {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut limbs = self.0.iter().rev();
        write!(f, "{}", limbs.next().unwrap_or(&0))?;
        limbs.try_for_each(|limb| write!(f, "{limb:09}"))
    }
}
