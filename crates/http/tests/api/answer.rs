use actix_web::HttpResponse;
use actix_web::body::to_bytes;
use actix_web::http::header::HeaderMap;
use serde_json::Value;

/// What a client got.
#[derive(Debug)]
pub(crate) struct Answer {
    pub(crate) status: u16,
    pub(crate) headers: HeaderMap,
    pub(crate) text: String,
    pub(crate) body: Value,
}

impl Answer {
    pub(crate) async fn read(response: HttpResponse) -> Self {
        let (status, headers) = (response.status().as_u16(), response.headers().clone());
        let bytes = to_bytes(response.into_body()).await.unwrap();
        let text = String::from_utf8(bytes.to_vec()).unwrap();
        let body = serde_json::from_str(&text).unwrap_or(Value::Null);
        Self { status, headers, text, body }
    }

    pub(crate) fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(|value| value.to_str().unwrap())
    }

    /// Checks that this is a problem after RFC 9457 with the given status and code.
    #[track_caller]
    pub(crate) fn assert_problem(&self, status: u16, code: &str) {
        assert_eq!((self.status, self.body["code"].as_str()), (status, Some(code)), "{}", self.text);
        assert_eq!(self.header("content-type"), Some("application/problem+json"));
        assert_eq!(self.body["status"], status);
        assert_eq!(self.body["type"], format!("/problems/{code}"));
        assert!(self.body["title"].is_string() && self.body["detail"].is_string());
        assert!(self.header("x-request-id").is_some());
    }

    /// The names of the body's fields, in alphabetical order.
    #[track_caller]
    pub(crate) fn fields(&self) -> Vec<&str> {
        let mut names: Vec<&str> = self.body.as_object().unwrap().keys().map(String::as_str).collect();
        names.sort_unstable();
        names
    }

    /// Checks that this is a 422 with exactly these fields at fault.
    #[track_caller]
    pub(crate) fn assert_faults(&self, faults: &[&str]) {
        self.assert_problem(422, "validation-failed");
        assert_eq!(self.faults(), faults, "{}", self.text);
    }

    /// The fields at fault, each with the code of its fault: `amount too-precise`.
    pub(crate) fn faults(&self) -> Vec<String> {
        let faults = self.body["errors"].as_array().cloned().unwrap_or_default();
        let word = |fault: &Value, name: &str| fault[name].as_str().unwrap().to_owned();
        assert!(faults.iter().all(|fault| !word(fault, "message").is_empty()));
        faults.iter().map(|fault| format!("{} {}", word(fault, "field"), word(fault, "code"))).collect()
    }
}
