use thiserror::Error;

/// A word that names no state, with the column or field it was met in left to the caller to tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
#[error("not a known state")]
pub struct UnknownState;

/// Defines a closed set of words: an enum with its spelling on the wire and in the databases.
macro_rules! words {
    (
        $(#[$doc:meta])*
        $name:ident { $($(#[$word_doc:meta])* $word:ident = $text:literal),+ $(,)? }
    ) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        pub enum $name {
            $($(#[$word_doc])* #[serde(rename = $text)] $word),+
        }

        impl $name {
            /// Every one of them, in the order of their definition.
            pub const ALL: &'static [Self] = &[$(Self::$word),+];

            /// The spelling on the wire and in the databases.
            #[must_use]
            pub const fn as_str(self) -> &'static str {
                match self {
                    $(Self::$word => $text),+
                }
            }
        }

        impl std::str::FromStr for $name {
            type Err = $crate::UnknownState;

            fn from_str(text: &str) -> Result<Self, Self::Err> {
                match text {
                    $($text => Ok(Self::$word),)+
                    _ => Err($crate::UnknownState),
                }
            }
        }

        impl std::fmt::Display for $name {
            fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str(self.as_str())
            }
        }
    };
}

/// Gives an enum of states its one transition table.
macro_rules! transitions {
    ($name:ident { $($from:ident => [$($to:ident),*]),+ $(,)? }) => {
        impl $name {
            /// The states that this one may become. The only place where that is written down.
            #[must_use]
            pub const fn successors(self) -> &'static [Self] {
                match self {
                    $(Self::$from => &[$(Self::$to),*]),+
                }
            }

            /// Whether a row in this state may become one in `to`.
            #[must_use]
            pub fn may_become(self, to: Self) -> bool {
                self.successors().contains(&to)
            }

            /// The states a row may be stored in when an update leaves it in this one: this one and those before it.
            /// It guards every UPDATE.
            pub fn valid_before(self) -> impl Iterator<Item = Self> {
                Self::ALL.iter().copied().filter(move |from| *from == self || from.may_become(self))
            }
        }
    };
}

pub(crate) use {transitions, words};
