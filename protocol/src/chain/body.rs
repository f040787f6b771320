//! What a link tells: the values JSON and CBOR have in common, so that a link has one hash in
//! either. No floating-point numbers, no byte strings, keys in order.

use std::cell::Cell;
use std::collections::BTreeMap;
use std::fmt;

use serde::de::{DeserializeOwned, DeserializeSeed, Error, MapAccess, SeqAccess, Visitor};
use serde::ser::{SerializeMap, SerializeSeq};
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use thiserror::Error;

/// Most values a body may hold, lists and maps among them, so that small bytes cannot become a large body.
pub const MAX_VALUES: usize = 4096;

/// Deepest nesting of lists and maps in a body.
pub const MAX_DEPTH: usize = 16;

/// A value of a link's body. As JSON and as CBOR it is just that value.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Body {
    /// Nothing to tell.
    #[default]
    Null,
    /// Yes or no.
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// Text.
    Text(String),
    /// Values in order.
    List(Vec<Body>),
    /// Values by name.
    Map(BTreeMap<String, Body>),
}

/// Why a value cannot be a body.
#[derive(Debug, Clone, PartialEq, Eq, Error)]
pub enum BodyError {
    /// It holds something JSON and CBOR do not share: a fraction, bytes, a number beyond 64 bits.
    #[error("an event may hold text, whole numbers, yes or no, lists and maps: {0}")]
    Unsupported(String),
    /// It is not the type that was asked for.
    #[error("the event is not as its kind says: {0}")]
    Mismatch(String),
}

impl Body {
    /// A body from any value whose fields are texts, whole numbers, booleans, lists and maps.
    pub fn from_value<T: Serialize>(value: &T) -> Result<Self, BodyError> {
        let json = serde_json::to_value(value).map_err(|e| BodyError::Unsupported(e.to_string()))?;
        serde_json::from_value(json).map_err(|e| BodyError::Unsupported(e.to_string()))
    }

    /// The typed value back.
    pub fn to_value<T: DeserializeOwned>(&self) -> Result<T, BodyError> {
        serde_json::from_value(self.to_json()).map_err(|e| BodyError::Mismatch(e.to_string()))
    }

    /// The same as JSON.
    pub fn to_json(&self) -> serde_json::Value {
        match self {
            Self::Null => serde_json::Value::Null,
            Self::Bool(yes) => (*yes).into(),
            Self::Int(number) => (*number).into(),
            Self::Text(text) => text.as_str().into(),
            Self::List(items) => items.iter().map(Self::to_json).collect::<Vec<_>>().into(),
            Self::Map(entries) => serde_json::Value::Object(entries.iter().map(|(key, value)| (key.clone(), value.to_json())).collect()),
        }
    }

    /// True when whoever reads the body will take it: at most [`MAX_VALUES`] values, nested at most [`MAX_DEPTH`] deep.
    pub fn is_within_limits(&self) -> bool {
        self.count_values(MAX_DEPTH).is_some_and(|values| values <= MAX_VALUES)
    }

    /// Values in this one and itself, none when nested deeper than `depth_left`.
    fn count_values(&self, depth_left: usize) -> Option<usize> {
        let mut values: Box<dyn Iterator<Item = &Self>> = match self {
            Self::List(items) => Box::new(items.iter()),
            Self::Map(entries) => Box::new(entries.values()),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Text(_) => return Some(1),
        };
        let inner = depth_left.checked_sub(1)?;
        values.try_fold(1, |sum, value| Some(sum + value.count_values(inner)?))
    }

    /// A field of a map.
    pub fn field(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Map(entries) => entries.get(name),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, if it is one.
    pub fn as_int(&self) -> Option<i64> {
        match self {
            Self::Int(number) => Some(*number),
            _ => None,
        }
    }
}

impl From<&str> for Body {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<String> for Body {
    fn from(text: String) -> Self {
        Self::Text(text)
    }
}

impl From<i64> for Body {
    fn from(number: i64) -> Self {
        Self::Int(number)
    }
}

impl From<bool> for Body {
    fn from(yes: bool) -> Self {
        Self::Bool(yes)
    }
}

impl<K: Into<String>, V: Into<Self>, const N: usize> From<[(K, V); N]> for Body {
    fn from(entries: [(K, V); N]) -> Self {
        Self::Map(entries.into_iter().map(|(key, value)| (key.into(), value.into())).collect())
    }
}

impl Serialize for Body {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(yes) => serializer.serialize_bool(*yes),
            Self::Int(number) => serializer.serialize_i64(*number),
            Self::Text(text) => serializer.serialize_str(text),
            Self::List(items) => {
                let mut list = serializer.serialize_seq(Some(items.len()))?;
                for item in items {
                    list.serialize_element(item)?;
                }
                list.end()
            }
            Self::Map(entries) => {
                let mut map = serializer.serialize_map(Some(entries.len()))?;
                for (key, value) in entries {
                    map.serialize_entry(key, value)?;
                }
                map.end()
            }
        }
    }
}

impl<'de> Deserialize<'de> for Body {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Reader {
            values_left: &Cell::new(MAX_VALUES),
        }
        .deserialize(deserializer)
    }
}

/// Reads one value out of what a whole body may hold.
#[derive(Clone, Copy)]
struct Reader<'a> {
    values_left: &'a Cell<usize>,
}

impl<'de> DeserializeSeed<'de> for Reader<'_> {
    type Value = Body;

    fn deserialize<D: Deserializer<'de>>(self, deserializer: D) -> Result<Body, D::Error> {
        let left = self.values_left.get().checked_sub(1);
        self.values_left
            .set(left.ok_or_else(|| D::Error::custom("an event with too many values"))?);
        deserializer.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for Reader<'_> {
    type Value = Body;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("text, a whole number, yes or no, a list or a map")
    }

    fn visit_unit<E>(self) -> Result<Body, E> {
        Ok(Body::Null)
    }

    fn visit_none<E>(self) -> Result<Body, E> {
        Ok(Body::Null)
    }

    fn visit_bool<E>(self, yes: bool) -> Result<Body, E> {
        Ok(Body::Bool(yes))
    }

    fn visit_i64<E>(self, number: i64) -> Result<Body, E> {
        Ok(Body::Int(number))
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<Body, E> {
        i64::try_from(number)
            .map(Body::Int)
            .map_err(|_| E::custom("a number beyond 64 bits"))
    }

    fn visit_str<E>(self, text: &str) -> Result<Body, E> {
        Ok(Body::Text(text.to_owned()))
    }

    fn visit_string<E>(self, text: String) -> Result<Body, E> {
        Ok(Body::Text(text))
    }

    // The announced length is the peer's word, so nothing is reserved by it.
    fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Body, A::Error> {
        let mut items = Vec::new();
        while let Some(item) = seq.next_element_seed(self)? {
            items.push(item);
        }
        Ok(Body::List(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Body, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some(key) = map.next_key::<String>()? {
            if entries.insert(key, map.next_value_seed(self)?).is_some() {
                return Err(A::Error::custom("a key twice"));
            }
        }
        Ok(Body::Map(entries))
    }
}
