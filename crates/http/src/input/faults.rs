use std::borrow::Cow;

use serde_json::Value;
use validator::{ValidationError, ValidationErrors, ValidationErrorsKind};

use super::invalid;
use crate::{FieldError, Problem};

/// Where `validator` puts the faults of rules about several fields, and where those of a whole item belong.
pub(crate) const WHOLE: &str = "__all__";
/// The parameter by which such a fault tells the field to blame.
const FIELD: &str = "field";

/// One field's fault, as `validator` would report it.
pub(crate) fn fault_of(field: &'static str, error: ValidationError) -> ValidationErrors {
    let mut errors = ValidationErrors::new();
    errors.add(field, error);
    errors
}

/// Two parts of a body that were read, or the faults of both.
pub(crate) fn both<A, B>(
    one: Result<A, ValidationErrors>,
    other: Result<B, ValidationErrors>,
) -> Result<(A, B), ValidationErrors> {
    match (one, other) {
        (Ok(one), Ok(other)) => Ok((one, other)),
        (Err(errors), Ok(_)) | (Ok(_), Err(errors)) => Err(errors),
        (Err(mut errors), Err(others)) => {
            errors.errors_mut().extend(others.into_errors());
            Err(errors)
        }
    }
}

/// Blames one field for a fault that only shows beside another.
pub(crate) fn blame(field: &'static str, mut error: ValidationError) -> ValidationError {
    error.params.insert(Cow::Borrowed(FIELD), Value::from(field));
    error
}

/// All faults, each with the path to its field.
pub(crate) fn faults(errors: &ValidationErrors) -> Vec<FieldError> {
    let mut found = Vec::new();
    collect(errors, "", &mut found);
    found
}

impl From<ValidationErrors> for Problem {
    fn from(errors: ValidationErrors) -> Self {
        Self::invalid_fields(faults(&errors))
    }
}

fn collect(errors: &ValidationErrors, path: &str, found: &mut Vec<FieldError>) {
    for (name, kind) in errors.errors() {
        match kind {
            ValidationErrorsKind::Field(errors) => {
                found.extend(errors.iter().map(|error| field_error(path, name, error)));
            }
            ValidationErrorsKind::Struct(errors) => collect(errors, &format!("{path}{name}."), found),
            ValidationErrorsKind::List(items) => {
                for (index, errors) in items {
                    collect(errors, &format!("{path}{name}[{index}]."), found);
                }
            }
        }
    }
}

fn field_error(path: &str, name: &str, error: &ValidationError) -> FieldError {
    let field = match error.params.get(FIELD) {
        Some(Value::String(blamed)) if name == WHOLE => format!("{path}{blamed}"),
        _ if name == WHOLE => path.trim_end_matches('.').to_owned(),
        _ => format!("{path}{name}"),
    };
    let usual_message = || Cow::Borrowed(if error.code == "required" { "is required" } else { "is invalid" });
    FieldError { field, code: error.code.clone(), message: error.message.clone().unwrap_or_else(usual_message) }
}

/// The field that was given twice, from serde's message: serde tells it nowhere else.
pub(crate) fn duplicate_field(message: &str) -> Option<ValidationErrors> {
    let (_, rest) = message.split_once("duplicate field `")?;
    let (field, _) = rest.split_once('`')?;
    let error = invalid("duplicate", "must be given once, in one spelling");
    let mut errors = ValidationErrors::new();
    errors.errors_mut().insert(Cow::Owned(field.to_owned()), ValidationErrorsKind::Field(vec![error]));
    Some(errors)
}

#[cfg(test)]
mod tests {
    use serde::Deserialize;

    use super::*;

    #[test]
    fn a_field_given_twice_is_named_in_snake_case_whatever_its_spelling() {
        #[derive(Debug, Deserialize)]
        #[expect(dead_code, reason = "only the failure to read it is looked at")]
        struct Body {
            #[serde(alias = "merchantId")]
            merchant_id: Option<u8>,
        }
        for body in ["{\"merchantId\":1,\"merchant_id\":2}", "{\"merchantId\":null,\"merchantId\":1}"] {
            let error = serde_json::from_str::<Body>(body).unwrap_err();
            let errors = duplicate_field(&error.to_string()).unwrap();
            assert_eq!(faults(&errors)[0].field, "merchant_id");
        }
        assert_eq!(duplicate_field("expected value"), None);
    }

    #[test]
    fn a_fault_between_fields_is_reported_at_the_one_to_blame() {
        let errors = fault_of("__all__", blame("amount", invalid("too-precise", "has more decimals")));
        assert_eq!(faults(&errors)[0].field, "amount");
    }

    #[test]
    fn a_fault_of_a_whole_item_is_reported_at_the_item() {
        let mut errors = ValidationErrors::new();
        let item = Box::new(fault_of(WHOLE, invalid("invalid-type", "must be an object")));
        errors.errors_mut().insert("items".into(), ValidationErrorsKind::List([(1, item)].into()));
        assert_eq!(faults(&errors)[0].field, "items[1]");
    }

    #[test]
    fn the_faults_of_both_parts_are_reported() {
        let fault = |field| Err::<(), _>(fault_of(field, ValidationError::new("required")));
        let fields = |errors: ValidationErrors| {
            let mut fields: Vec<String> = faults(&errors).into_iter().map(|fault| fault.field).collect();
            fields.sort();
            fields
        };
        assert_eq!(fields(both(fault("a"), fault("b")).unwrap_err()), ["a", "b"]);
        assert_eq!(fields(both(fault("a"), Ok(())).unwrap_err()), ["a"]);
        assert_eq!(fields(both(Ok(()), fault("b")).unwrap_err()), ["b"]);
        assert_eq!(both(Ok(1), Ok(2)), Ok((1, 2)));
    }
}
