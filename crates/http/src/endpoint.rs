use std::str::FromStr;

use actix_web::dev::{AppService, Handler, HttpServiceFactory};
use actix_web::http::header::HeaderValue;
use actix_web::{FromRequest, HttpRequest, Resource, Responder, Route, web};

use crate::{Problem, ProblemType};

/// A path and the methods it knows. Any other method is answered with 405 and the list of these.
pub(crate) struct Endpoint {
    resource: Resource,
    methods: Vec<&'static str>,
}

impl Endpoint {
    pub(crate) fn at(path: &str) -> Self {
        Self { resource: web::resource(path), methods: Vec::new() }
    }

    /// Answers GET, and HEAD likewise: the server leaves the body out by itself.
    pub(crate) fn get<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on("GET", web::get().to(handler.clone())).on("HEAD", web::head().to(handler))
    }

    pub(crate) fn post<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on("POST", web::post().to(handler))
    }

    pub(crate) fn put<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on("PUT", web::put().to(handler))
    }

    pub(crate) fn delete<F, Args>(self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.on("DELETE", web::delete().to(handler))
    }

    fn on(mut self, method: &'static str, route: Route) -> Self {
        self.methods.push(method);
        self.resource = self.resource.route(route);
        self
    }
}

impl HttpServiceFactory for Endpoint {
    fn register(self, config: &mut AppService) {
        let allow = HeaderValue::from_str(&self.methods.join(", ")).ok();
        let refuse = move || {
            let problem = Problem::new(ProblemType::MethodNotAllowed).with_allow(allow.clone());
            async move { Err::<&str, _>(problem) }
        };
        self.resource.default_service(web::to(refuse)).register(config);
    }
}

/// The id in the path. What is no id names nothing: 404, like any other path that leads nowhere.
pub(crate) fn id_in_path<T: FromStr>(request: &HttpRequest) -> Result<T, Problem> {
    let id = request.match_info().get("id").and_then(|text| text.parse().ok());
    id.ok_or_else(|| Problem::new(ProblemType::NotFound))
}

/// The answer for a path that leads nowhere.
pub(crate) async fn not_found() -> Result<&'static str, Problem> {
    Err(Problem::new(ProblemType::NotFound))
}
