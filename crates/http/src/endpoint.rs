use actix_web::dev::{AppService, Handler, HttpServiceFactory};
use actix_web::http::header::HeaderValue;
use actix_web::{FromRequest, Resource, Responder, web};

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
    pub(crate) fn get<F, Args>(mut self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.methods.extend(["GET", "HEAD"]);
        self.resource = self.resource.route(web::get().to(handler.clone())).route(web::head().to(handler));
        self
    }

    pub(crate) fn post<F, Args>(mut self, handler: F) -> Self
    where
        F: Handler<Args>,
        Args: FromRequest + 'static,
        F::Output: Responder + 'static,
    {
        self.methods.push("POST");
        self.resource = self.resource.route(web::post().to(handler));
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

/// The answer for a path that leads nowhere.
pub(crate) async fn not_found() -> Result<&'static str, Problem> {
    Err(Problem::new(ProblemType::NotFound))
}
