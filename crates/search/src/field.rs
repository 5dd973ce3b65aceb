//! The places of a chart where words are found, and what each is worth.

use serde::{Deserialize, Serialize};

/// A place where a word was found.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Field {
    /// The README.
    Readme,
    /// A comment in the default values.
    Comment,
    /// A key of the default values.
    Key,
    /// The description.
    Description,
    /// A keyword.
    Keyword,
    /// A word of the name.
    Name,
    /// The name as a whole.
    WholeName,
    /// Another name it is known by.
    AlternativeName,
    /// A container image.
    Image,
    /// A custom resource's kind.
    Kind,
    /// A chart it depends on.
    Dependency,
    /// A maintainer.
    Maintainer,
    /// An address of its home or sources.
    Source,
    /// The repository's name.
    Repository,
    /// A version.
    Version,
    /// The category.
    Category,
}

/// A set of fields: the bit of each is its place in [`Field::ALL`]. Frequent ones first, so that postings are short.
pub(crate) type Mask = u32;

impl Field {
    pub(crate) const ALL: [Self; 16] = [
        Self::Readme,
        Self::Comment,
        Self::Key,
        Self::Description,
        Self::Keyword,
        Self::Name,
        Self::WholeName,
        Self::AlternativeName,
        Self::Image,
        Self::Kind,
        Self::Dependency,
        Self::Maintainer,
        Self::Source,
        Self::Repository,
        Self::Version,
        Self::Category,
    ];

    pub(crate) const fn bit(self) -> Mask {
        1 << self as u32
    }

    /// What a word in this place is worth; 10 is the most.
    pub(crate) const fn weight(self) -> f32 {
        match self {
            Self::WholeName => 10.0,
            Self::Name => 8.0,
            Self::AlternativeName => 7.5,
            Self::Keyword => 5.0,
            Self::Description => 4.0,
            Self::Kind => 4.0,
            Self::Category => 3.5,
            Self::Image => 3.0,
            Self::Repository => 3.0,
            Self::Version => 3.0,
            Self::Key => 2.0,
            Self::Maintainer => 1.5,
            Self::Dependency => 1.5,
            Self::Source => 1.2,
            Self::Comment => 1.0,
            Self::Readme => 0.8,
        }
    }

    /// In words, as a sentence continues "found in …".
    pub fn in_words(self) -> &'static str {
        match self {
            Self::Readme => "README",
            Self::Comment => "comments of values",
            Self::Key => "values",
            Self::Description => "description",
            Self::Keyword => "keywords",
            Self::Name | Self::WholeName => "name",
            Self::AlternativeName => "other names",
            Self::Image => "images",
            Self::Kind => "custom resources",
            Self::Dependency => "dependencies",
            Self::Maintainer => "maintainers",
            Self::Source => "sources",
            Self::Repository => "repository",
            Self::Version => "versions",
            Self::Category => "category",
        }
    }

    /// The most telling field of a set.
    pub(crate) fn best(mask: Mask) -> Option<Self> {
        Self::ALL
            .into_iter()
            .filter(|field| mask & field.bit() != 0)
            .max_by(|a, b| a.weight().total_cmp(&b.weight()))
    }
}

/// Fields whose words make up what a chart is; the others mention much else. Dictionaries are split by it.
pub(crate) const TELLING: Mask = !(Field::Readme.bit() | Field::Comment.bit() | Field::Key.bit());
/// Fields that name a chart.
pub(crate) const NAMING: Mask = Field::Name.bit() | Field::WholeName.bit() | Field::AlternativeName.bit();
/// Fields whose place among the values is kept.
pub(crate) const PLACED: Mask = Field::Key.bit() | Field::Comment.bit();

/// What a further field adds to the best one.
const FURTHER: f32 = 0.12;

/// What a set of fields is worth: the best of them and a little for each other one.
pub(crate) fn worth(mask: Mask) -> f32 {
    Best::of(mask).worth()
}

/// The best of some fields, and all of them together.
#[derive(Clone, Copy, Default)]
struct Best {
    best: f32,
    sum: f32,
}

impl Best {
    fn of(mask: Mask) -> Self {
        let weights = Field::ALL
            .into_iter()
            .filter(|field| mask & field.bit() != 0)
            .map(Field::weight);
        weights.fold(Self::default(), |all, weight| {
            all.and(Self {
                best: weight,
                sum: weight,
            })
        })
    }

    fn and(self, other: Self) -> Self {
        Self {
            best: self.best.max(other.best),
            sum: self.sum + other.sum,
        }
    }

    fn worth(self) -> f32 {
        self.best + FURTHER * (self.sum - self.best)
    }
}

/// [`worth`] of all sets, looked up by halves.
pub(crate) struct Worth {
    low: Vec<Best>,
    high: Vec<Best>,
}

impl Worth {
    pub(crate) fn new() -> Self {
        Self {
            low: (0..256).map(Best::of).collect(),
            high: (0..256).map(|mask| Best::of(mask << 8)).collect(),
        }
    }

    #[inline]
    pub(crate) fn of(&self, mask: Mask) -> f32 {
        let half = |half: &[Best], at: Mask| half.get((at & 0xff) as usize).copied().unwrap_or_default();
        half(&self.low, mask).and(half(&self.high, mask >> 8)).worth()
    }
}

#[cfg(test)]
mod tests {
    use super::{Field, Worth, worth};

    #[test]
    fn bits_are_places() {
        for (at, field) in Field::ALL.into_iter().enumerate() {
            assert_eq!(field.bit(), 1 << at);
        }
        assert_eq!(
            Field::best(Field::Readme.bit() | Field::Image.bit()),
            Some(Field::Image)
        );
        assert!(worth(Field::Name.bit() | Field::Readme.bit()) > worth(Field::Name.bit()));
        let table = Worth::new();
        for mask in 0..=0xffff {
            assert!((table.of(mask) - worth(mask)).abs() < 1e-4, "{mask:x}");
        }
    }
}
