//! Charges find their checkouts once.

use domain::{AttachCharge, AttachChargeReply, Charge, CheckoutId, JobLease, JobStatus, OrderId, Rejection};

use crate::shop::{Shop, code, usd};

fn attach(checkout_id: CheckoutId, owner: CheckoutId, job_id: domain::JobId) -> AttachCharge {
    let charge = Charge { code: code(owner), hosted_url: format!("https://pay.example/{owner}") };
    AttachCharge { checkout_id, charge, lease: JobLease { job_id, attempt: 1 } }
}

#[test]
fn a_checkout_keeps_its_first_charge_and_its_job_is_done() {
    let mut shop = Shop::new();
    let order_id = OrderId::from_uuid(shop.uuid());
    let create = shop.create_checkout(order_id, usd("10"));
    shop.ask(create.clone()).unwrap();
    let first = attach(create.id, create.id, create.job_id);
    let AttachChargeReply::Attached(checkout) = shop.ask(first.clone()).unwrap() else { panic!("it is the first") };
    assert_eq!(checkout.charge_code, Some(code(create.id)));
    assert_eq!(shop.books.jobs().get(create.job_id).unwrap().status, JobStatus::Done);
    assert_eq!(shop.ask_in_vain(first), Ok(AttachChargeReply::Attached(checkout.clone())));
    let other = CheckoutId::from_uuid(shop.uuid());
    let second = attach(create.id, other, create.job_id);
    assert_eq!(shop.ask_in_vain(second), Ok(AttachChargeReply::Surplus(checkout)));
}

#[test]
fn a_charge_of_another_checkout_or_for_none_is_refused() {
    let mut shop = Shop::new();
    let order_id = OrderId::from_uuid(shop.uuid());
    let owner = shop.checkout(order_id, usd("10"));
    let create = shop.create_checkout(order_id, usd("10"));
    shop.ask(create.clone()).unwrap();
    let taken = attach(create.id, owner, create.job_id);
    assert_eq!(shop.ask(taken), Err(Rejection::ChargeTaken));
    assert_eq!(shop.books.jobs().get(create.job_id).unwrap().status, JobStatus::Ready, "the work isn't done");
    let unknown = CheckoutId::from_uuid(shop.uuid());
    assert_eq!(shop.ask(attach(unknown, unknown, create.job_id)), Err(Rejection::CheckoutNotFound));
}
