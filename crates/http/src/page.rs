use ports::{COUNT_CAP, Page, PageRequest};
use serde::{Deserialize, Serialize};
use validator::{Validate, ValidationError, ValidationErrors};

use crate::input::{FieldValue, fault_of, invalid, optional, readable};
use crate::query::filled_in;

const DEFAULT_PAGE_SIZE: u32 = 20;
const MAX_PAGE_SIZE: u32 = 100;

/// The fields of every list's query that say which part of it is wanted.
#[derive(Debug, Deserialize, Validate)]
pub(crate) struct PageQuery {
    #[serde(default, deserialize_with = "filled_in")]
    #[validate(custom(function = readable::<PageNumber>))]
    page: Option<String>,
    #[serde(default, deserialize_with = "filled_in", alias = "pageSize")]
    #[validate(custom(function = readable::<PageSize>))]
    page_size: Option<String>,
}

struct PageNumber(u32);
struct PageSize(u32);

impl FieldValue for PageNumber {
    fn read(text: &str) -> Result<Self, ValidationError> {
        match whole_number(text)? {
            0 => Err(invalid("out-of-range", "must be at least 1")),
            number => Ok(Self(number)),
        }
    }
}

impl FieldValue for PageSize {
    fn read(text: &str) -> Result<Self, ValidationError> {
        match whole_number(text)? {
            size @ 1..=MAX_PAGE_SIZE => Ok(Self(size)),
            _ => Err(invalid("out-of-range", format!("must be from 1 to {MAX_PAGE_SIZE}"))),
        }
    }
}

/// A number beyond 32 bits is as good as the largest: too large for any page, and too deep for any list.
fn whole_number(text: &str) -> Result<u32, ValidationError> {
    let digits = text.strip_prefix('-').unwrap_or(text);
    if digits.is_empty() || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
        return Err(invalid("not-an-integer", "must be a whole number"));
    }
    Ok(if text.starts_with('-') { 0 } else { digits.parse().unwrap_or(u32::MAX) })
}

impl PageQuery {
    /// The part that is wanted, unless it is deeper down than anybody pages.
    pub(crate) fn request(&self, narrowed_by: &str) -> Result<PageRequest, ValidationErrors> {
        let PageNumber(page) = optional("page", self.page.as_ref())?.unwrap_or(PageNumber(1));
        let PageSize(page_size) =
            optional("page_size", self.page_size.as_ref())?.unwrap_or(PageSize(DEFAULT_PAGE_SIZE));
        let last_row = u64::from(page) * u64::from(page_size);
        if last_row > u64::from(COUNT_CAP) {
            let message =
                format!("ends beyond the {COUNT_CAP} rows that can be paged through; narrow the list by {narrowed_by}");
            return Err(fault_of("page", invalid("too-deep", message)));
        }
        Ok(PageRequest { page, page_size })
    }
}

/// A page as it goes out.
#[derive(Debug, Serialize)]
pub(crate) struct PageView<T> {
    items: Vec<T>,
    page: u32,
    page_size: u32,
    total: u32,
    pages: u32,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    total_is_capped: bool,
}

impl<T> PageView<T> {
    /// The rows as they are shown, and what there is to know of the rest.
    pub(crate) fn new<R>(items: Vec<T>, rows: &Page<R>, request: PageRequest) -> Self {
        Self {
            items,
            page: request.page,
            page_size: request.page_size,
            total: rows.total,
            pages: rows.total.div_ceil(request.page_size),
            total_is_capped: rows.total_is_capped,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn request(page: &str, page_size: &str) -> Result<PageRequest, String> {
        let some = |text: &str| Some(text.to_owned());
        let query = PageQuery { page: some(page), page_size: some(page_size) };
        let errors = match query.validate() {
            Ok(()) => match query.request("status") {
                Ok(request) => return Ok(request),
                Err(errors) => errors,
            },
            Err(errors) => errors,
        };
        let found = crate::input::faults(&errors);
        Err(format!("{} {}", found[0].field, found[0].code))
    }

    #[test]
    fn pages_end_at_the_last_row_that_is_counted() {
        assert_eq!(request("100", "100"), Ok(PageRequest { page: 100, page_size: 100 }));
        assert_eq!(request("101", "100"), Err("page too-deep".to_owned()));
        assert_eq!(request("10001", "1"), Err("page too-deep".to_owned()));
        assert_eq!(request("99999999999999999999", "1"), Err("page too-deep".to_owned()));
    }

    #[test]
    fn numbers_out_of_range_are_told_from_what_is_no_number() {
        for (page, page_size, expected) in [
            ("0", "20", "page out-of-range"),
            ("-1", "20", "page out-of-range"),
            ("x", "20", "page not-an-integer"),
            ("1.5", "20", "page not-an-integer"),
            ("+1", "20", "page not-an-integer"),
            ("1", "0", "page_size out-of-range"),
            ("1", "101", "page_size out-of-range"),
            ("1", "-", "page_size not-an-integer"),
        ] {
            assert_eq!(request(page, page_size), Err(expected.to_owned()), "{page} {page_size}");
        }
    }

    #[test]
    fn the_last_page_may_be_part_full_and_an_empty_list_has_none() {
        let request = PageRequest { page: 1, page_size: 20 };
        let pages = |counted| PageView::<()>::new(vec![], &Page::<()>::new(vec![], counted), request).pages;
        assert_eq!((pages(0), pages(20), pages(21), pages(99_999)), (0, 1, 2, 500));
    }
}
