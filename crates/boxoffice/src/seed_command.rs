//! `boxoffice seed`: something to sell, for whoever tries it.

use std::sync::Arc;

use adapters::{StoreParts, SystemClock, SystemIds};
use anyhow::{Context, Result};
use domain::{CreateProduct, Currency, Description, MerchantId, Money, ProductId, ProductName, Stock};
use ports::{IdSource, Ledger, PageRequest, ProductFilter, execute};
use uuid::Uuid;

use crate::config::{DatabaseArgs, database};

/// What a demo product is.
struct Demo {
    /// Fixed, so that examples can name it, and seeding twice at once does it once.
    id: Uuid,
    name: &'static str,
    description: &'static str,
    price: &'static str,
    currency: Currency,
    total_stock: u32,
}

const DEMOS: [Demo; 3] = [
    Demo {
        id: Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0001),
        name: "Opening night, stalls",
        description: "One seat in the stalls. Doors open at 19:00.",
        price: "75.00",
        currency: Currency::USD,
        total_stock: 100,
    },
    Demo {
        id: Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0002),
        name: "Tour poster, numbered",
        description: "Screen print, 50 x 70 cm. There are twenty-five.",
        price: "29.99",
        currency: Currency::USD,
        total_stock: 25,
    },
    Demo {
        id: Uuid::from_u128(0x0193_0000_0000_7000_8000_0000_0000_0003),
        name: "Front row, both nights",
        description: "The best seat in the house, twice.",
        price: "0.125",
        currency: Currency::ETH,
        total_stock: 8,
    },
];

/// Puts the demo products into a database that offers nothing.
pub(crate) async fn run(args: DatabaseArgs) -> Result<()> {
    let url = database(&args.database_url)?;
    let opened = tokio::task::spawn_blocking(move || {
        adapters::migrate(&url)?;
        adapters::open(&url, &StoreParts::new(Arc::new(SystemClock), Arc::new(SystemIds)))
    });
    let store = opened.await?.context("can't open the database")?;
    let offered = store.products.products(ProductFilter::default(), PageRequest { page: 1, page_size: 1 }).await?;
    if offered.items.is_empty() {
        for demo in &DEMOS {
            create(&*store.ledger, demo).await?;
        }
        log::info!(products = DEMOS.len(); "the database has demo products now");
    } else {
        log::info!("the database offers products already; nothing was changed");
    }
    store.stop().await;
    Ok(())
}

async fn create(ledger: &dyn Ledger, demo: &Demo) -> Result<()> {
    let command = |id| -> Result<CreateProduct> {
        Ok(CreateProduct {
            id: ProductId::from_uuid(id),
            merchant_id: MerchantId::default_merchant(),
            name: ProductName::parse(demo.name)?,
            description: Some(Description::parse(demo.description)?),
            price: Money::parse(demo.price, demo.currency)?,
            stock: Stock::new(demo.total_stock).context("more than there can be")?,
        })
    };
    let product = execute(ledger, command(demo.id)?).await??;
    if !product.is_offered() {
        // It was there and has been deleted: somebody wants it back.
        execute(ledger, command(SystemIds.uuid_v7())?).await??;
    }
    Ok(())
}
