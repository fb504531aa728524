//! The developer's home page and its files.

use actix_web::HttpResponse;
use actix_web::http::StatusCode;
use actix_web::http::header::LOCATION;
use actix_web::web::ServiceConfig;

use super::assets::{CSS, JS, asset, html};
use super::{key, resource};
use crate::error::Refusal;

macro_rules! files {
    ($($name:literal: $kind:ident),+ $(,)?) => {
        /// Everything that the page is made of, by name.
        const FILES: &[(&str, &str, &str)] = &[$(($name, $kind, include_str!(concat!("../home/", $name)))),+];
    };
}

files! {
    "api.js": JS,
    "charges.js": JS,
    "clock.js": JS,
    "deliveries.js": JS,
    "delivery.js": JS,
    "dom.js": JS,
    "faults.js": JS,
    "home.css": CSS,
    "languages.js": JS,
    "limits.js": JS,
    "lists.css": CSS,
    "live.js": JS,
    "main.js": JS,
    "merchants.js": JS,
    "pay.js": JS,
    "say.js": JS,
    "signature.js": JS,
    "snippets.js": JS,
    "time.js": JS,
}

const PAGE: &str = include_str!("../home/index.html");

pub(super) fn routes(routes: &mut ServiceConfig) {
    routes
        .service(resource("/").get(show))
        .service(resource("").get(to_the_page))
        .service(resource("/assets/{key}").get(file));
}

async fn show() -> HttpResponse {
    html(StatusCode::OK).body(PAGE)
}

/// The page's links are relative, so its own address must end in a slash.
async fn to_the_page(request: actix_web::HttpRequest) -> HttpResponse {
    let mount = request.path().rsplit('/').next().unwrap_or_default();
    HttpResponse::TemporaryRedirect().insert_header((LOCATION, format!("{mount}/"))).finish()
}

async fn file(request: actix_web::HttpRequest) -> Result<HttpResponse, Refusal> {
    let name = key(&request);
    let found = FILES.iter().find(|(file, ..)| *file == name);
    found.map(|(_, kind, content)| asset(kind, content)).ok_or_else(Refusal::not_found)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_file_of_the_page_is_served_and_everything_it_asks_for_is_there() {
        let folder = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("src/home");
        let mut there: Vec<_> = std::fs::read_dir(folder).unwrap().map(|file| file.unwrap().file_name()).collect();
        there.retain(|name| name != "index.html");
        assert_eq!(there.len(), FILES.len());
        let names: Vec<_> = FILES.iter().map(|(name, ..)| *name).collect();
        for (_, _, content) in FILES.iter().chain(&[("index.html", "", PAGE)]) {
            for part in content.split("\"./").skip(1).chain(content.split("\"assets/").skip(1)) {
                let wanted = part.split('"').next().unwrap();
                assert!(names.contains(&wanted), "{wanted}");
            }
        }
    }
}
