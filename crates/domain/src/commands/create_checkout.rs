use std::time::Duration;

use crate::{
    Books, Checkout, CheckoutId, CheckoutStatus, Email, Fingerprint, IdempotencyKey, Job, JobId, JobStatus, Keys,
    MerchantId, Money, Order, OrderId, OrderStatus, Rejection, Task, Timestamp,
};

/// A merchant asks for a payment. The charge follows: the same commit stores the job that creates it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreateCheckout {
    /// The id that the checkout gets.
    pub id: CheckoutId,
    /// The id that the job gets.
    pub job_id: JobId,
    /// Whose it is.
    pub merchant_id: MerchantId,
    /// Names the request; the same one again answers with the same checkout.
    pub idempotency_key: Option<IdempotencyKey>,
    /// How much is asked.
    pub money: Money,
    /// The buyer's address.
    pub email: Option<Email>,
    /// The order that it pays.
    pub order_id: Option<OrderId>,
    /// A JSON object, as text, always written the same way.
    pub metadata: Option<String>,
    /// For how long it can be paid.
    pub time_to_live: Duration,
    /// For how long the caller wants to see to the charge itself, before the job may be claimed by anybody.
    pub caller_creates_charge_for: Option<Duration>,
}

/// What became of a [`CreateCheckout`].
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum CreateCheckoutReply {
    /// It is there now.
    Created(Box<Checkout>),
    /// It was there before; this is how it is now.
    Replayed(Box<Checkout>),
}

impl CreateCheckout {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.checkouts.push(self.id);
        if let Some(key) = &self.idempotency_key {
            keys.idempotency_keys.push((self.merchant_id.clone(), key.clone()));
        }
        keys.orders.extend(self.order_id);
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<CreateCheckoutReply, Rejection> {
        if let Some(same_command) = books.checkouts().get(self.id) {
            return Ok(CreateCheckoutReply::Created(Box::new(same_command.clone())));
        }
        let fingerprint = self.fingerprint();
        if let Some(key) = &self.idempotency_key
            && let Some(earlier) = books.checkout_by_idempotency_key(&(self.merchant_id.clone(), key.clone()))
        {
            return if earlier.fingerprint == fingerprint {
                Ok(CreateCheckoutReply::Replayed(Box::new(earlier.clone())))
            } else {
                Err(Rejection::IdempotencyKeyReused)
            };
        }
        if let Some(order) = self.order_id.and_then(|id| books.orders().get(id)) {
            self.fits(order)?;
        }
        Ok(self.create(books, fingerprint, now))
    }

    /// Whether it asks for what a known order costs. An order that isn't known may be placed later.
    fn fits(&self, order: &Order) -> Result<(), Rejection> {
        if order.status != OrderStatus::Pending {
            Err(Rejection::OrderNotPending)
        } else if self.money != order.total {
            Err(Rejection::AmountNotOrders)
        } else {
            Ok(())
        }
    }

    /// Puts the checkout and the job that creates its charge into the books.
    fn create(&self, books: &mut Books, fingerprint: Fingerprint, now: Timestamp) -> CreateCheckoutReply {
        let checkout = self.checkout(fingerprint, now);
        books.insert_checkout(checkout.clone());
        books.insert_job(self.job(now));
        CreateCheckoutReply::Created(Box::new(checkout))
    }

    fn fingerprint(&self) -> Fingerprint {
        self.digest(&[])
    }

    /// A digest of all that the request asks for, whose it is and under which key.
    #[must_use]
    pub fn request_fingerprint(&self) -> Fingerprint {
        let key = self.idempotency_key.as_ref().map(IdempotencyKey::as_str);
        self.digest(&[Some(self.merchant_id.as_str()), key])
    }

    fn digest(&self, names: &[Option<&str>]) -> Fingerprint {
        let (amount, order_id) = (self.money.to_string(), self.order_id.map(|id| id.to_string()));
        let asked = [
            Some(&*amount),
            Some(self.money.currency().code()),
            self.email.as_ref().map(Email::as_str),
            order_id.as_deref(),
            self.metadata.as_deref(),
        ];
        Fingerprint::of(&[names, &asked].concat())
    }

    fn checkout(&self, fingerprint: Fingerprint, now: Timestamp) -> Checkout {
        Checkout {
            id: self.id,
            merchant_id: self.merchant_id.clone(),
            idempotency_key: self.idempotency_key.clone(),
            fingerprint,
            order_id: self.order_id,
            status: CheckoutStatus::Pending,
            money: self.money,
            received_minor: 0,
            counted_minor: 0,
            email: self.email.clone(),
            metadata: self.metadata.clone(),
            charge_code: None,
            hosted_url: None,
            detected_at: None,
            completed_at: None,
            failure_reason: None,
            expires_at: now + self.time_to_live,
            created_at: now,
            updated_at: now,
        }
    }

    fn job(&self, now: Timestamp) -> Job {
        let (status, attempts, run_at) = match self.caller_creates_charge_for {
            None => (JobStatus::Ready, 0, now),
            Some(lease) => (JobStatus::Running, 1, now + lease),
        };
        Job { status, attempts, ..Job::new(self.job_id, Task::CreateCharge(self.id), run_at, now) }
    }
}

/// A buyer wants to pay an order: its open checkout, or a new one for its total.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct OpenOrderCheckout {
    /// The order.
    pub order_id: OrderId,
    /// The id that a new checkout gets.
    pub id: CheckoutId,
    /// The id that its job gets.
    pub job_id: JobId,
    /// The buyer's address; the order's if there is none.
    pub email: Option<Email>,
    /// For how long it can be paid.
    pub time_to_live: Duration,
    /// For how long the caller wants to see to the charge itself.
    pub caller_creates_charge_for: Option<Duration>,
}

impl OpenOrderCheckout {
    pub(super) fn keys(&self, keys: &mut Keys) {
        keys.checkouts.push(self.id);
        keys.orders.push(self.order_id);
        keys.checkouts_of_orders.push(self.order_id);
    }

    pub(super) fn decide(&self, books: &mut Books, now: Timestamp) -> Result<CreateCheckoutReply, Rejection> {
        if let Some(same_command) = books.checkouts().get(self.id) {
            return Ok(CreateCheckoutReply::Created(Box::new(same_command.clone())));
        }
        let order = books.orders().get(self.order_id).ok_or(Rejection::OrderNotFound)?.clone();
        if order.status != OrderStatus::Pending {
            return Err(Rejection::OrderNotPending);
        }
        if let Some(checkout) = order.checkout_id.and_then(|id| books.checkouts().get(id))
            && checkout.status == CheckoutStatus::Pending
            && now < checkout.due_at()
        {
            return Ok(CreateCheckoutReply::Replayed(Box::new(checkout.clone())));
        }
        let create = CreateCheckout {
            id: self.id,
            job_id: self.job_id,
            merchant_id: order.merchant_id.clone(),
            idempotency_key: None,
            money: order.total,
            email: self.email.clone().or_else(|| order.email.clone()),
            order_id: Some(order.id),
            metadata: None,
            time_to_live: self.time_to_live,
            caller_creates_charge_for: self.caller_creates_charge_for,
        };
        let reply = create.create(books, create.fingerprint(), now);
        books.update_order(Order { checkout_id: Some(self.id), updated_at: now, ..order });
        Ok(reply)
    }
}
