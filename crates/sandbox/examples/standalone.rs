//! Runs a sandbox on its own: `cargo run -p sandbox --example standalone -- PORT DATABASE [WEBHOOK_URL]`.

use actix_web::{App, HttpServer};
use sandbox::{Config, Sandbox};

#[actix_web::main]
async fn main() -> Result<(), Box<dyn std::error::Error>> {
    env_logger::init();
    let mut arguments = std::env::args().skip(1);
    let port: u16 = arguments.next().ok_or("no port")?.parse()?;
    let database = arguments.next().ok_or("no database")?;
    let url = format!("http://127.0.0.1:{port}").parse()?;
    let mut config = Config::new(database.into(), "test-key".to_owned(), "secret".to_owned(), url);
    config.webhook_url = arguments.next().map(|url| url.parse()).transpose()?;
    let sandbox = Sandbox::open(config)?;
    let worker = sandbox.start();
    HttpServer::new(move || App::new().configure(|routes| sandbox.configure(routes)))
        .workers(2)
        .bind(("127.0.0.1", port))?
        .run()
        .await?;
    worker.stop().await;
    Ok(())
}
