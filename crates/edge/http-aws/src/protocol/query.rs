//! The Query protocol: form parameters in, XML out.

mod lists;

use std::collections::BTreeMap;

use base::CorrelationId;
use time::OffsetDateTime;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

pub(crate) use self::lists::Structure;
use super::xml::Xml;
use crate::error::{ApiError, Shown};
use crate::service::Service;

pub(crate) const CONTENT_TYPE: &str = "text/xml";

/// Records of one page where the client doesn't say.
const RECORDS_DEFAULT: usize = 100;
const RECORDS_MAX: usize = 100;

/// Parameters by their name, from the query string and the form in the body. Each may be given once.
#[derive(Debug)]
pub(crate) struct QueryParameters {
    presigned: bool,
    parameters: BTreeMap<String, String>,
}

impl QueryParameters {
    pub(crate) fn read(query: &str, body: &[u8]) -> Result<Self, ApiError> {
        // The form's `+` is a space; the query's is a plus, as its signature has it.
        let form = form_urlencoded::parse(body).map(|(name, value)| (name.into_owned(), value.into_owned()));
        let mut pairs = sigv4::query_pairs(query)?;
        let presigned = pairs.iter().any(|(name, _)| name == "X-Amz-Signature");
        if presigned {
            // They are the signature's, not the operation's.
            pairs.retain(|(name, _)| !PRESIGNED.contains(&name.as_str()));
        }
        let mut parameters = BTreeMap::new();
        for (name, value) in pairs.into_iter().chain(form) {
            if parameters.insert(name.clone(), value).is_some() {
                return Err(ApiError::Malformed(format!("The parameter {name:?} is given twice.")));
            }
        }
        Ok(Self { presigned, parameters })
    }

    pub(crate) const fn is_presigned(&self) -> bool {
        self.presigned
    }

    pub(crate) fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.parameters.iter().map(|(name, value)| (name.as_str(), value.as_str()))
    }

    pub(crate) fn take(&mut self, name: &str) -> Option<String> {
        self.parameters.remove(name)
    }

    /// Reads an operation's parameters with `read`, then refuses what is left.
    pub(crate) fn parse<O>(
        mut self,
        operation: &'static str,
        read: impl FnOnce(&mut Fields<'_>) -> Result<O, ApiError>,
    ) -> Result<O, ApiError> {
        let parsed = read(&mut Fields { operation, parameters: &mut self })?;
        match self.parameters.into_keys().next() {
            None => Ok(parsed),
            Some(left) => {
                let parameter = left.split('.').next().unwrap_or_default().to_owned();
                Err(ApiError::UnsupportedParameter { operation, parameter })
            }
        }
    }
}

const PRESIGNED: [&str; 7] = [
    "X-Amz-Algorithm",
    "X-Amz-Credential",
    "X-Amz-Date",
    "X-Amz-Expires",
    "X-Amz-SignedHeaders",
    "X-Amz-Security-Token",
    "X-Amz-Signature",
];

/// The parameters of one operation.
pub(crate) struct Fields<'a> {
    operation: &'static str,
    parameters: &'a mut QueryParameters,
}

impl Fields<'_> {
    pub(crate) fn optional(&mut self, name: &str) -> Option<String> {
        self.parameters.take(name)
    }

    pub(crate) fn required(&mut self, parameter: &'static str) -> Result<String, ApiError> {
        self.optional(parameter).ok_or(ApiError::MissingParameter { operation: self.operation, parameter })
    }

    /// `true` or `false`.
    pub(crate) fn boolean(&mut self, parameter: &'static str) -> Result<Option<bool>, ApiError> {
        match self.optional(parameter).as_deref() {
            None => Ok(None),
            Some("true") => Ok(Some(true)),
            Some("false") => Ok(Some(false)),
            Some(_) => Err(ApiError::InvalidParameter { parameter, rule: "it must be true or false".to_owned() }),
        }
    }

    /// The number of a TCP port.
    pub(crate) fn port(&mut self, parameter: &'static str) -> Result<Option<u16>, ApiError> {
        let read = |text: String| {
            let rule = "it must be a number from 1150 to 65535".to_owned();
            text.parse().map_err(|_| ApiError::InvalidParameter { parameter, rule })
        };
        self.optional(parameter).map(read).transpose()
    }

    /// A list of texts, `PARAMETER.MEMBER.1` and so on. `None` where it isn't given; `PARAMETER=` alone is the empty list.
    pub(crate) fn texts(&mut self, parameter: &str, member: &str) -> Result<Option<Vec<String>>, ApiError> {
        lists::take_texts(&mut self.parameters.parameters, parameter, member)
    }

    /// A list of structures, `PARAMETER.MEMBER.1.…` and so on; empty where it isn't given.
    pub(crate) fn structures(&mut self, parameter: &str, member: &str) -> Result<Vec<Structure>, ApiError> {
        lists::take_structures(&mut self.parameters.parameters, "", parameter, member)
    }

    /// As [`Self::texts`], in the flat form `PARAMETER.1` (EC2).
    pub(crate) fn flat_texts(&mut self, parameter: &str) -> Result<Option<Vec<String>>, ApiError> {
        lists::take_texts(&mut self.parameters.parameters, parameter, lists::FLAT)
    }

    /// As [`Self::structures`], in the flat form `PARAMETER.1.…` (EC2).
    pub(crate) fn flat_structures(&mut self, parameter: &str) -> Result<Vec<Structure>, ApiError> {
        lists::take_structures(&mut self.parameters.parameters, "", parameter, lists::FLAT)
    }

    /// Everything that is said under this name: of a list, each item's text.
    pub(crate) fn take_all(&mut self, parameter: &str) -> Vec<String> {
        let below = format!("{parameter}.");
        let all = &mut self.parameters.parameters;
        let names = all.range(below.clone()..).map(|(name, _)| name).take_while(|name| name.starts_with(&below));
        let names: Vec<_> = std::iter::once(parameter.to_owned()).chain(names.cloned()).collect();
        names.iter().filter_map(|name| all.remove(name)).collect()
    }

    pub(crate) const fn operation(&self) -> &'static str {
        self.operation
    }

    /// `MaxRecords`: 20 to 100 (Redshift API).
    pub(crate) fn max_records(&mut self) -> Result<usize, ApiError> {
        self.max_records_from(20)
    }

    /// `MaxRecords`, from another number on: `DescribeTags` begins at 10.
    pub(crate) fn max_records_from(&mut self, least: usize) -> Result<usize, ApiError> {
        let Some(text) = self.optional("MaxRecords") else { return Ok(RECORDS_DEFAULT) };
        text.parse().ok().filter(|records| (least..=RECORDS_MAX).contains(records)).ok_or_else(|| {
            let rule = format!("it must be a number from {least} to {RECORDS_MAX}");
            ApiError::InvalidParameter { parameter: "MaxRecords", rule }
        })
    }
}

/// `YYYY-MM-DDTHH:MM:SS.mmmZ`
pub(crate) fn timestamp(at: OffsetDateTime) -> String {
    const FORMAT: StaticFormatDescription =
        format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");
    at.to_offset(time::UtcOffset::UTC).format(FORMAT).unwrap_or_default()
}

pub(crate) fn success(service: Service, operation: &str, result: Option<&str>, id: &CorrelationId) -> String {
    let mut xml = Xml::new();
    xml.root(&format!("{operation}Response"), service.xml_namespace(), |xml| {
        if let Some(result) = result {
            xml.element(&format!("{operation}Result"), |xml| xml.raw(result));
        }
        xml.element("ResponseMetadata", |xml| xml.text("RequestId", id.as_str()));
    });
    xml.finish()
}

pub(crate) fn failure(service: Service, shown: &Shown, id: &CorrelationId) -> String {
    let mut xml = Xml::new();
    xml.root("ErrorResponse", service.xml_namespace(), |xml| {
        xml.element("Error", |xml| {
            xml.text("Type", if shown.status < 500 { "Sender" } else { "Receiver" });
            xml.text("Code", shown.code);
            xml.text("Message", &shown.message);
        });
        xml.text("RequestId", id.as_str());
    });
    xml.finish()
}

/// As [`success`], in EC2's frame: the result stands beside the request's id.
pub(crate) fn ec2_success(service: Service, operation: &str, result: Option<&str>, id: &CorrelationId) -> String {
    let mut xml = Xml::new();
    xml.root(&format!("{operation}Response"), service.xml_namespace(), |xml| {
        xml.text("requestId", id.as_str());
        if let Some(result) = result {
            xml.raw(result);
        }
    });
    xml.finish()
}

/// As [`failure`], in EC2's frame, which has no namespace.
pub(crate) fn ec2_failure(shown: &Shown, id: &CorrelationId) -> String {
    let mut xml = Xml::new();
    xml.element("Response", |xml| {
        xml.element("Errors", |xml| {
            xml.element("Error", |xml| {
                xml.text("Code", shown.code);
                xml.text("Message", &shown.message);
            });
        });
        xml.text("RequestID", id.as_str());
    });
    xml.finish()
}
