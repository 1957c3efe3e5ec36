//! The Query protocol: form parameters in, XML out.

use std::collections::BTreeMap;

use base::CorrelationId;
use time::OffsetDateTime;
use time::format_description::StaticFormatDescription;
use time::macros::format_description;

use super::xml::Xml;
use crate::error::{ApiError, Shown};
use crate::service::Service;

pub(crate) const CONTENT_TYPE: &str = "text/xml";

/// Records of one page where the client doesn't say.
const RECORDS_DEFAULT: usize = 100;

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

    /// `MaxRecords`: 20 to 100 (Redshift API).
    pub(crate) fn max_records(&mut self) -> Result<usize, ApiError> {
        let Some(text) = self.optional("MaxRecords") else { return Ok(RECORDS_DEFAULT) };
        text.parse().ok().filter(|records| (20..=100).contains(records)).ok_or_else(|| ApiError::InvalidParameter {
            parameter: "MaxRecords",
            rule: "it must be a number from 20 to 100".to_owned(),
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
