use std::collections::{BTreeMap, BTreeSet, HashMap};

use super::News;
use crate::derived_id::derived_id;
use crate::{
    Delivery, DeliveryAttempt, DeliveryFailure, DeliveryId, DeliveryStatus, EndpointId, EndpointStatus, MerchantId,
    Notification, NotificationId, NotificationSubject, NotificationType, Shelf, Timestamp, WebhookEndpoint,
};

/// The rows about what merchants are told, in a working set.
#[derive(Clone, Debug, Default)]
pub struct Outbox {
    endpoints: Shelf<WebhookEndpoint>,
    notifications: Shelf<Notification>,
    deliveries: Shelf<Delivery>,
    attempts: Shelf<DeliveryAttempt>,
    by_merchant: HashMap<MerchantId, BTreeSet<EndpointId>>,
    lanes: HashMap<(EndpointId, NotificationSubject), Lane>,
}

/// What goes to one endpoint about one subject, by place.
#[derive(Clone, Debug, Default)]
struct Lane {
    open: BTreeMap<u32, DeliveryId>,
    /// The last place that was taken, though it may be free again: two rows of one flush never share one.
    last: u32,
}

impl Outbox {
    /// The endpoints in the set.
    #[must_use]
    pub const fn endpoints(&self) -> &Shelf<WebhookEndpoint> {
        &self.endpoints
    }

    /// The notifications in the set.
    #[must_use]
    pub const fn notifications(&self) -> &Shelf<Notification> {
        &self.notifications
    }

    /// The deliveries in the set.
    #[must_use]
    pub const fn deliveries(&self) -> &Shelf<Delivery> {
        &self.deliveries
    }

    /// The attempts that were made in this set. Stored ones are never loaded.
    #[must_use]
    pub const fn attempts(&self) -> &Shelf<DeliveryAttempt> {
        &self.attempts
    }

    /// Puts in an endpoint as it is stored.
    pub fn load_endpoint(&mut self, endpoint: WebhookEndpoint) {
        self.index_endpoint(&endpoint);
        self.endpoints.load(endpoint);
    }

    /// Puts in a delivery as it is stored.
    pub fn load_delivery(&mut self, delivery: Delivery) {
        // One that was changed here since is newer, and so is its place.
        if self.deliveries.get(delivery.id).is_none() {
            self.index_delivery(&delivery);
        }
        self.deliveries.load(delivery);
    }

    pub(crate) fn is_unchanged(&self) -> bool {
        self.endpoints.inserted().len() + self.endpoints.updated().len() == 0
            && self.notifications.inserted().len() == 0
            && self.deliveries.inserted().len() + self.deliveries.updated().len() == 0
            && self.attempts.inserted().len() == 0
    }

    pub(crate) fn mark_stored(&mut self) {
        self.endpoints.mark_stored();
        self.notifications.mark_stored();
        self.deliveries.mark_stored();
        self.attempts.mark_stored();
        self.lanes.retain(|_, lane| !lane.open.is_empty());
    }

    /// Deletes deliveries that are over, with their attempts; answers with how many there were.
    pub(crate) fn purge_deliveries(&mut self, before: Timestamp, limit: u32) -> usize {
        let gone = self.deliveries.purge(before, limit, Delivery::left_over_since);
        let ids: BTreeSet<DeliveryId> = gone.iter().map(|delivery| delivery.id).collect();
        let of_gone =
            |attempt: &DeliveryAttempt| ids.contains(&attempt.delivery_id).then_some(Timestamp::from_unix_us(0));
        self.attempts.purge(Timestamp::from_unix_us(1), u32::MAX, of_gone);
        gone.len()
    }

    /// Deletes notifications that nothing tells any more; answers with how many there were.
    pub(crate) fn purge_notifications(&mut self, before: Timestamp, limit: u32) -> usize {
        let told: BTreeSet<NotificationId> = self.deliveries.iter().map(|delivery| delivery.notification_id).collect();
        let left_over_since = |row: &Notification| (!told.contains(&row.id)).then_some(row.created_at);
        self.notifications.purge(before, limit, left_over_since).len()
    }

    /// The endpoints of a merchant that weren't deleted, the oldest first.
    pub(crate) fn endpoints_of(&self, merchant_id: &MerchantId) -> Vec<&WebhookEndpoint> {
        let ids = self.by_merchant.get(merchant_id).into_iter().flatten();
        let mut found: Vec<&WebhookEndpoint> = ids.filter_map(|id| self.endpoints.get(*id)).collect();
        found.retain(|endpoint| endpoint.exists());
        found.sort_by_key(|endpoint| (endpoint.created_at, endpoint.id));
        found
    }

    pub(crate) fn insert_endpoint(&mut self, endpoint: WebhookEndpoint) {
        self.index_endpoint(&endpoint);
        self.endpoints.insert(endpoint);
    }

    pub(crate) fn update_endpoint(&mut self, endpoint: WebhookEndpoint) {
        self.endpoints.update(endpoint);
    }

    pub(crate) fn insert_attempt(&mut self, attempt: DeliveryAttempt) {
        self.attempts.insert(attempt);
    }

    pub(crate) fn update_delivery(&mut self, delivery: Delivery) {
        self.deliveries.update(delivery);
    }

    /// Writes down that something has happened to what `was` otherwise, for each endpoint that wants to know; answers with the
    /// deliveries that are to be tried now. The others wait for those before them, or were missed by a disabled endpoint.
    pub(crate) fn tell(&mut self, kind: NotificationType, news: &News<'_>, was: &str, now: Timestamp) -> Vec<Delivery> {
        let wanting = self.endpoints_of(news.merchant_id()).into_iter().filter(|endpoint| endpoint.wants(kind));
        let wanting = wanting.filter(|endpoint| endpoint.is_told_of(now));
        let wanting: Vec<(EndpointId, EndpointStatus)> = wanting.map(|row| (row.id, row.status)).collect();
        if wanting.is_empty() {
            return Vec::new();
        }
        let subject = news.subject().as_uuid();
        let names = [subject.as_bytes().as_slice(), kind.as_str().as_bytes(), was.as_bytes()];
        let id = NotificationId::from_uuid(derived_id(now, self.next_place(), &names));
        let notification = self.note(id, kind, news, now);
        let mut due = Vec::new();
        for (endpoint_id, status) in wanting {
            let delivery = delivery_of(&notification, endpoint_id, self.next_place(), now);
            match status {
                EndpointStatus::Enabled => due.extend(self.queue(&delivery, now)),
                EndpointStatus::Disabled | EndpointStatus::Deleted => {
                    self.deliveries.insert(delivery.failed(DeliveryFailure::EndpointDisabled, now));
                }
            }
        }
        due
    }

    /// Sends something to one endpoint that nobody else is to know, at once and in no order.
    pub(crate) fn ping(&mut self, id: NotificationId, endpoint: &WebhookEndpoint, now: Timestamp) -> Delivery {
        let notification = self.note(id, NotificationType::TestPing, &News::Ping(endpoint), now);
        let delivery = delivery_of(&notification, endpoint.id, self.next_place(), now).due_at(now);
        self.deliveries.insert(delivery.clone());
        delivery
    }

    /// Sends a notification once more, beside all others or after them; answers with the new delivery.
    pub(crate) fn repeat(&mut self, earlier: &Delivery, in_lane: bool, now: Timestamp) -> Delivery {
        // What was sent again before has another name by that.
        let before = earlier.redelivered_as.unwrap_or(earlier.id).as_uuid();
        let names = [earlier.notification_id.as_uuid(), earlier.endpoint_id.as_uuid(), earlier.id.as_uuid(), before];
        let repeated = Delivery {
            id: DeliveryId::from_uuid(derived_id(
                now,
                self.next_place(),
                &names.each_ref().map(|id| &id.as_bytes()[..]),
            )),
            place: None,
            status: DeliveryStatus::Waiting,
            attempts: 0,
            next_attempt_at: None,
            failure: None,
            redelivered_as: None,
            created_at: now,
            finished_at: None,
            ..earlier.clone()
        };
        let id = repeated.id;
        self.deliveries.update(Delivery { redelivered_as: Some(id), ..earlier.clone() });
        if in_lane {
            self.queue(&repeated, now);
        } else {
            self.deliveries.insert(repeated.due_at(now));
        }
        self.deliveries.get(id).cloned().unwrap_or(repeated)
    }

    /// Whoever waits behind a delivery that has just ended, if anybody: it is to be tried now. If its endpoint takes nothing
    /// any more, all that waits there is given up instead.
    pub(crate) fn next_in_lane(&mut self, ended: &Delivery, now: Timestamp) -> Option<Delivery> {
        let lane = self.lanes.get_mut(&(ended.endpoint_id, ended.subject))?;
        lane.open.remove(&ended.place?);
        let waiting: Vec<DeliveryId> = lane.open.values().copied().collect();
        let status = self.endpoints.get(ended.endpoint_id).map_or(EndpointStatus::Deleted, |endpoint| endpoint.status);
        let failure = match status {
            EndpointStatus::Enabled => {
                let next = self.deliveries.get(*waiting.first()?)?;
                let next = (next.status == DeliveryStatus::Waiting).then(|| next.due_at(now))?;
                self.deliveries.update(next.clone());
                return Some(next);
            }
            EndpointStatus::Disabled => DeliveryFailure::EndpointDisabled,
            EndpointStatus::Deleted => DeliveryFailure::EndpointDeleted,
        };
        lane.open.clear();
        for id in waiting {
            if let Some(delivery) = self.deliveries.get(id).filter(|row| row.status == DeliveryStatus::Waiting) {
                self.deliveries.update(delivery.failed(failure, now));
            }
        }
        None
    }

    fn note(&mut self, id: NotificationId, kind: NotificationType, news: &News<'_>, now: Timestamp) -> Notification {
        let notification = Notification {
            id,
            merchant_id: news.merchant_id().clone(),
            event_type: kind,
            subject: news.subject(),
            body: news.body(kind, now),
            created_at: now,
        };
        self.notifications.insert(notification.clone());
        notification
    }

    /// Puts a new delivery at the end of its lane; answers with it if nobody goes before it.
    fn queue(&mut self, delivery: &Delivery, now: Timestamp) -> Option<Delivery> {
        let lane = self.lanes.entry((delivery.endpoint_id, delivery.subject)).or_default();
        let (is_first, place) = (lane.open.is_empty(), lane.last + 1);
        lane.open.insert(place, delivery.id);
        lane.last = place;
        let placed = Delivery { place: Some(place), ..delivery.clone() };
        let placed = if is_first { placed.due_at(now) } else { placed };
        self.deliveries.insert(placed.clone());
        is_first.then_some(placed)
    }

    /// Tells apart, in their order, what is made at one moment.
    fn next_place(&self) -> u16 {
        let made = self.notifications.inserted().len() + self.deliveries.inserted().len();
        u16::try_from(made).unwrap_or(u16::MAX)
    }

    fn index_endpoint(&mut self, endpoint: &WebhookEndpoint) {
        self.by_merchant.entry(endpoint.merchant_id.clone()).or_default().insert(endpoint.id);
    }

    fn index_delivery(&mut self, delivery: &Delivery) {
        if let Some(place) = delivery.place.filter(|_| delivery.is_in_lane()) {
            let lane = self.lanes.entry((delivery.endpoint_id, delivery.subject)).or_default();
            lane.open.insert(place, delivery.id);
            lane.last = lane.last.max(place);
        }
    }
}

fn delivery_of(notification: &Notification, endpoint_id: EndpointId, made: u16, now: Timestamp) -> Delivery {
    let (notification_uuid, endpoint_uuid) = (notification.id.as_uuid(), endpoint_id.as_uuid());
    let names = [notification_uuid.as_bytes().as_slice(), endpoint_uuid.as_bytes()];
    Delivery {
        id: DeliveryId::from_uuid(derived_id(now, made, &names)),
        notification_id: notification.id,
        endpoint_id,
        event_type: notification.event_type,
        subject: notification.subject,
        place: None,
        status: DeliveryStatus::Waiting,
        attempts: 0,
        next_attempt_at: None,
        failure: None,
        redelivered_as: None,
        created_at: now,
        finished_at: None,
    }
}
