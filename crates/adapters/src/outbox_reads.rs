//! Reading what merchants are told, written once for both databases.

/// Implements [`NotificationRepo`](ports::NotificationRepo) for `$reads`. Where it stands, there are a `schema` and the rows of a
/// database, `key` and `instant` for what it keeps ids and moments as, and its `Connection`.
macro_rules! impl_outbox_reads {
    ($reads:ident) => {
        #[async_trait]
        impl NotificationRepo for $reads {
            async fn endpoint(&self, id: EndpointId) -> Result<Option<WebhookEndpoint>, RepoError> {
                self.readers.read(move |connection| find_endpoint(connection, id)).await
            }

            async fn endpoints(
                &self,
                filter: EndpointFilter,
                page: PageRequest,
            ) -> Result<Page<WebhookEndpoint>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let wanted = || {
                            // A word of the partial index, which a bound value wouldn't match.
                            let existing = sql::<Bool>("webhook_endpoints.status <> 'deleted'");
                            let mut query = webhook_endpoints::table.filter(existing).into_boxed();
                            if let Some(merchant_id) = &filter.merchant_id {
                                query = query.filter(webhook_endpoints::merchant_id.eq(merchant_id.as_str()));
                            }
                            query
                        };
                        let rows: Vec<EndpointRow> = wanted()
                            .order(webhook_endpoints::id.desc())
                            .limit(page.page_size.into())
                            .offset(page.offset().into())
                            .select(EndpointRow::as_select())
                            .load(connection)?;
                        let counted = Counted(wanted().select(webhook_endpoints::id).limit(COUNT_LIMIT))
                            .get_result(connection)?;
                        Ok(Page::new(into_domain(rows)?, counted))
                    })
                    .await
            }

            async fn delivery(&self, id: DeliveryId) -> Result<Option<Delivery>, RepoError> {
                self.readers.read(move |connection| find_delivery(connection, id)).await
            }

            async fn deliveries(&self, filter: DeliveryFilter, page: PageRequest) -> Result<Page<Delivery>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let wanted = || {
                            let mut query = deliveries::table.into_boxed();
                            if let Some(id) = filter.endpoint_id {
                                query = query.filter(deliveries::endpoint_id.eq(key(id.as_uuid())));
                            }
                            if let Some(status) = filter.status {
                                query = query.filter(deliveries::status.eq(status.as_str()));
                            }
                            query
                        };
                        let rows: Vec<DeliveryRow> = wanted()
                            .order(deliveries::id.desc())
                            .limit(page.page_size.into())
                            .offset(page.offset().into())
                            .select(DeliveryRow::as_select())
                            .load(connection)?;
                        let counted =
                            Counted(wanted().select(deliveries::id).limit(COUNT_LIMIT)).get_result(connection)?;
                        Ok(Page::new(into_domain(rows)?, counted))
                    })
                    .await
            }

            async fn attempts(&self, id: DeliveryId) -> Result<Vec<DeliveryAttempt>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let rows: Vec<AttemptRow> = delivery_attempts::table
                            .filter(delivery_attempts::delivery_id.eq(key(id.as_uuid())))
                            .order(delivery_attempts::number)
                            .select(AttemptRow::as_select())
                            .load(connection)?;
                        into_domain(rows)
                    })
                    .await
            }

            async fn notification(&self, id: NotificationId) -> Result<Option<Notification>, RepoError> {
                self.readers.read(move |connection| find_notification(connection, id)).await
            }

            async fn dispatch(&self, id: DeliveryId) -> Result<Option<Dispatch>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let Some(delivery) = find_delivery(connection, id)? else { return Ok(None) };
                        let notification = find_notification(connection, delivery.notification_id)?;
                        let endpoint = find_endpoint(connection, delivery.endpoint_id)?;
                        let found = notification.zip(endpoint);
                        Ok(found.map(|(notification, endpoint)| Dispatch { delivery, notification, endpoint }))
                    })
                    .await
            }

            async fn missed(
                &self,
                endpoint_id: EndpointId,
                since: Timestamp,
                limit: u32,
            ) -> Result<Vec<Delivery>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let rows: Vec<DeliveryRow> = deliveries::table
                            .filter(deliveries::endpoint_id.eq(key(endpoint_id.as_uuid())))
                            .filter(sql::<Bool>("deliveries.status = 'failed' AND deliveries.redelivered_as IS NULL"))
                            .filter(deliveries::created_at.ge(instant(since)))
                            .order((deliveries::created_at, deliveries::id))
                            .limit(limit.into())
                            .select(DeliveryRow::as_select())
                            .load(connection)?;
                        into_domain(rows)
                    })
                    .await
            }
        }

        fn find_endpoint(connection: &mut Connection, id: EndpointId) -> Result<Option<WebhookEndpoint>, ReadError> {
            let found = webhook_endpoints::table.find(key(id.as_uuid())).select(EndpointRow::as_select());
            let row: Option<EndpointRow> = found.first(connection).optional()?;
            Ok(row.map(WebhookEndpoint::try_from).transpose()?)
        }

        fn find_delivery(connection: &mut Connection, id: DeliveryId) -> Result<Option<Delivery>, ReadError> {
            let found = deliveries::table.find(key(id.as_uuid())).select(DeliveryRow::as_select());
            let row: Option<DeliveryRow> = found.first(connection).optional()?;
            Ok(row.map(Delivery::try_from).transpose()?)
        }

        fn find_notification(
            connection: &mut Connection,
            id: NotificationId,
        ) -> Result<Option<Notification>, ReadError> {
            let found = notifications::table.find(key(id.as_uuid())).select(NotificationRow::as_select());
            let row: Option<NotificationRow> = found.first(connection).optional()?;
            Ok(row.map(Notification::try_from).transpose()?)
        }
    };
}

pub(crate) use impl_outbox_reads;
