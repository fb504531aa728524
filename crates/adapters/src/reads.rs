//! Reading, written once for both databases: the queries have the same text, and only their types differ.

/// The queues of a kind in which a job is due: from each queue with an open job to the next by one look into the index, and one
/// more for what is due first in it. Wants the kind three times, the moment, and how many.
pub(crate) const QUEUES_WITH_DUE: &str = "WITH RECURSIVE queues (queue_id) AS (\
        SELECT (SELECT queue_id FROM jobs WHERE queue_id IS NOT NULL AND status NOT IN ('done', 'dead') AND kind = ? \
            ORDER BY queue_id LIMIT 1) \
        UNION ALL \
        SELECT (SELECT j.queue_id FROM jobs AS j WHERE j.queue_id IS NOT NULL AND j.status NOT IN ('done', 'dead') \
            AND j.kind = ? AND j.queue_id > q.queue_id ORDER BY j.queue_id LIMIT 1) \
        FROM queues AS q WHERE q.queue_id IS NOT NULL) \
    SELECT queue_id FROM (\
        SELECT q.queue_id, (SELECT j.run_at FROM jobs AS j WHERE j.queue_id IS NOT NULL \
            AND j.status NOT IN ('done', 'dead') AND j.kind = ? AND j.queue_id = q.queue_id \
            ORDER BY j.run_at LIMIT 1) AS first_at \
        FROM queues AS q WHERE q.queue_id IS NOT NULL) AS found \
    WHERE first_at <= ? ORDER BY first_at, queue_id LIMIT ?";

/// Implements the repositories for `$reads`. Where it stands, there are a `schema` and the `rows` of a database, `Key`
/// and `key` for what it keeps ids as, its `Connection`, `NO_BODY` for the body of an event that nobody asked for, and `overdue`, `expired_holds`, `expired_orders` and
/// `queues_with_due`, which find what their names say.
macro_rules! impl_reads {
    ($reads:ident) => {
        fn into_domain<R, T: TryFrom<R, Error = ImpossibleRow>>(rows: Vec<R>) -> Result<Vec<T>, ReadError> {
            rows.into_iter().map(|row| T::try_from(row).map_err(ReadError::from)).collect()
        }

        const COUNT_LIMIT: i64 = COUNT_CAP as i64 + 1;

        #[async_trait]
        impl CheckoutRepo for $reads {
            async fn checkout(&self, id: CheckoutId) -> Result<Option<Checkout>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let found = checkouts::table.find(key(id.as_uuid())).select(CheckoutRow::as_select());
                        let row: Option<CheckoutRow> = found.first(connection).optional()?;
                        Ok(row.map(Checkout::try_from).transpose()?)
                    })
                    .await
            }

            async fn checkouts(&self, filter: CheckoutFilter, page: PageRequest) -> Result<Page<Checkout>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let wanted = || {
                            let mut query = checkouts::table.into_boxed();
                            if let Some(merchant_id) = &filter.merchant_id {
                                query = query.filter(checkouts::merchant_id.eq(merchant_id.as_str()));
                            }
                            if let Some(status) = filter.status {
                                query = query.filter(checkouts::status.eq(status.as_str()));
                            }
                            if let Some(email) = &filter.email {
                                query = query.filter(checkouts::email.eq(email.as_str()));
                            }
                            query
                        };
                        let rows: Vec<CheckoutRow> = wanted()
                            .order(checkouts::id.desc())
                            .limit(page.page_size.into())
                            .offset(page.offset().into())
                            .select(CheckoutRow::as_select())
                            .load(connection)?;
                        let counted =
                            Counted(wanted().select(checkouts::id).limit(COUNT_LIMIT)).get_result(connection)?;
                        Ok(Page::new(into_domain(rows)?, counted))
                    })
                    .await
            }

            async fn overdue_checkouts(&self, cutoff: Timestamp, limit: u32) -> Result<Vec<CheckoutId>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let ids: Vec<Key> = overdue(connection, cutoff, limit)?;
                        Ok(ids.into_iter().map(|key| CheckoutId::from_uuid(key.into())).collect())
                    })
                    .await
            }
        }

        #[async_trait]
        impl TransactionRepo for $reads {
            async fn transactions(
                &self,
                filter: TransactionFilter,
                page: PageRequest,
            ) -> Result<Page<Transaction>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let wanted = || {
                            let mut query = transactions::table.into_boxed();
                            if let Some(id) = filter.checkout_id {
                                query = query.filter(transactions::checkout_id.eq(key(id.as_uuid())));
                            }
                            if let Some(id) = filter.order_id {
                                query = query.filter(transactions::order_id.eq(key(id.as_uuid())));
                            }
                            if let Some(status) = filter.status {
                                query = query.filter(transactions::status.eq(status.as_str()));
                            }
                            query
                        };
                        let rows: Vec<TransactionRow> = wanted()
                            .order(transactions::id.desc())
                            .limit(page.page_size.into())
                            .offset(page.offset().into())
                            .select(TransactionRow::as_select())
                            .load(connection)?;
                        let counted =
                            Counted(wanted().select(transactions::id).limit(COUNT_LIMIT)).get_result(connection)?;
                        Ok(Page::new(into_domain(rows)?, counted))
                    })
                    .await
            }
        }

        #[async_trait]
        impl EventRepo for $reads {
            async fn event(&self, id: EventId) -> Result<Option<Event>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let found = events::table.find(key(id.as_uuid())).select(EventRow::as_select());
                        let row: Option<EventRow> = found.first(connection).optional()?;
                        Ok(row.map(Event::try_from).transpose()?)
                    })
                    .await
            }

            async fn events(&self, filter: EventFilter, page: PageRequest) -> Result<Page<Event>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let wanted = || {
                            let query = events::table.into_boxed();
                            // In the words of the indexes.
                            match (filter.provider, filter.verdict) {
                                (None, None) => query,
                                (None, Some(verdict)) => query.filter(events::verdict.eq(verdict.as_str())),
                                (Some(provider), None) => {
                                    query.filter(sql::<Text>("(events.provider || '')").eq(provider.as_str()))
                                }
                                (Some(provider), Some(verdict)) => query.filter(
                                    sql::<Text>("(events.provider || ' ' || events.verdict)")
                                        .eq(format!("{provider} {verdict}")),
                                ),
                            }
                        };
                        let heads = (
                            events::id,
                            events::provider,
                            events::provider_event_id,
                            events::event_type,
                            events::subject,
                            sql::<Binary>(NO_BODY),
                            events::report,
                            events::fingerprint,
                            events::verdict,
                            events::reason,
                            events::waiting_for,
                            events::checkout_id,
                            events::order_id,
                            events::order_status,
                            events::received_at,
                            events::processed_at,
                        );
                        let rows: Vec<EventRow> = wanted()
                            .order(events::id.desc())
                            .limit(page.page_size.into())
                            .offset(page.offset().into())
                            .select(heads)
                            .load(connection)?;
                        let counted = Counted(wanted().select(events::id).limit(COUNT_LIMIT)).get_result(connection)?;
                        Ok(Page::new(into_domain(rows)?, counted))
                    })
                    .await
            }
        }

        #[async_trait]
        impl JobRepo for $reads {
            async fn job(&self, id: JobId) -> Result<Option<Job>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let found = jobs::table.find(key(id.as_uuid())).select(JobRow::as_select());
                        let row: Option<JobRow> = found.first(connection).optional()?;
                        Ok(row.map(Job::try_from).transpose()?)
                    })
                    .await
            }

            async fn job_of(&self, kind: JobKind, subject_id: Uuid) -> Result<Option<Job>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let found = jobs::table
                            .filter(jobs::subject_id.eq(key(subject_id)))
                            .filter(jobs::kind.eq(kind.as_str()))
                            .select(JobRow::as_select());
                        let row: Option<JobRow> = found.first(connection).optional()?;
                        Ok(row.map(Job::try_from).transpose()?)
                    })
                    .await
            }

            async fn jobs(&self, filter: JobFilter, page: PageRequest) -> Result<Page<Job>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let wanted = || {
                            let query = jobs::table.into_boxed();
                            // In the words of the indexes; a bound status wouldn't match those of the partial ones.
                            match (filter.kind, filter.status) {
                                (None, None) => query,
                                (None, Some(status)) => {
                                    query.filter(jobs::status.eq(sql::<Text>(&format!("'{status}'"))))
                                }
                                (Some(kind), None) => query.filter(sql::<Text>("(jobs.kind || '')").eq(kind.as_str())),
                                (Some(kind), Some(status)) => query.filter(
                                    sql::<Text>("(jobs.kind || ' ' || jobs.status)").eq(format!("{kind} {status}")),
                                ),
                            }
                        };
                        let rows: Vec<JobRow> = wanted()
                            .order(jobs::id.desc())
                            .limit(page.page_size.into())
                            .offset(page.offset().into())
                            .select(JobRow::as_select())
                            .load(connection)?;
                        let counted = Counted(wanted().select(jobs::id).limit(COUNT_LIMIT)).get_result(connection)?;
                        Ok(Page::new(into_domain(rows)?, counted))
                    })
                    .await
            }

            async fn queues_with_due(&self, kind: JobKind, now: Timestamp, limit: u32) -> Result<Vec<Uuid>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let ids: Vec<Key> = queues_with_due(connection, kind, now, limit)?;
                        Ok(ids.into_iter().map(Uuid::from).collect())
                    })
                    .await
            }
        }

        #[async_trait]
        impl ProductRepo for $reads {
            async fn product(&self, id: ProductId) -> Result<Option<Product>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let found = products::table.find(key(id.as_uuid())).select(ProductRow::as_select());
                        let row: Option<ProductRow> = found.first(connection).optional()?;
                        Ok(row.map(Product::try_from).transpose()?)
                    })
                    .await
            }

            async fn products(&self, filter: ProductFilter, page: PageRequest) -> Result<Page<Product>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let wanted = || {
                            // Words of the partial indexes, which bound values wouldn't match.
                            let offered = match filter.in_stock {
                                None => sql::<Bool>("products.deleted_at IS NULL"),
                                Some(true) => sql::<Bool>("products.in_stock"),
                                Some(false) => sql::<Bool>("products.deleted_at IS NULL AND NOT products.in_stock"),
                            };
                            products::table.filter(offered)
                        };
                        let rows: Vec<ProductRow> = wanted()
                            .order(products::id.desc())
                            .limit(page.page_size.into())
                            .offset(page.offset().into())
                            .select(ProductRow::as_select())
                            .load(connection)?;
                        let counted =
                            Counted(wanted().select(products::id).limit(COUNT_LIMIT)).get_result(connection)?;
                        Ok(Page::new(into_domain(rows)?, counted))
                    })
                    .await
            }
        }

        #[async_trait]
        impl HoldRepo for $reads {
            async fn hold(&self, id: HoldId) -> Result<Option<Hold>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let found = holds::table.find(key(id.as_uuid())).select(HoldRow::as_select());
                        let row: Option<HoldRow> = found.first(connection).optional()?;
                        Ok(row.map(Hold::try_from).transpose()?)
                    })
                    .await
            }

            async fn expired_holds(&self, now: Timestamp, limit: u32) -> Result<Vec<HoldId>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let ids: Vec<Key> = expired_holds(connection, now, limit)?;
                        Ok(ids.into_iter().map(|key| HoldId::from_uuid(key.into())).collect())
                    })
                    .await
            }
        }

        fn with_items(connection: &mut Connection, rows: Vec<OrderRow>) -> Result<Vec<Order>, ReadError> {
            let mut found: Vec<Order> = into_domain(rows)?;
            let items: Vec<OrderItemRow> = order_items::table
                .filter(order_items::order_id.eq_any(found.iter().map(|order| key(order.id.as_uuid()))))
                .order((order_items::order_id, order_items::position))
                .select(OrderItemRow::as_select())
                .load(connection)?;
            fill(&mut found, items)?;
            Ok(found)
        }

        #[async_trait]
        impl OrderRepo for $reads {
            async fn order(&self, id: OrderId) -> Result<Option<Order>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let found = orders::table.find(key(id.as_uuid())).select(OrderRow::as_select());
                        let row: Option<OrderRow> = found.first(connection).optional()?;
                        Ok(with_items(connection, row.into_iter().collect())?.pop())
                    })
                    .await
            }

            async fn orders(&self, filter: OrderFilter, page: PageRequest) -> Result<Page<Order>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let wanted = || {
                            let mut query = orders::table.into_boxed();
                            if let Some(status) = filter.status {
                                query = query.filter(orders::status.eq(status.as_str()));
                            }
                            if let Some(customer_id) = &filter.customer_id {
                                query = query.filter(orders::customer_id.eq(customer_id.as_str()));
                            }
                            query
                        };
                        let rows: Vec<OrderRow> = wanted()
                            .order((orders::created_at.desc(), orders::id.desc()))
                            .limit(page.page_size.into())
                            .offset(page.offset().into())
                            .select(OrderRow::as_select())
                            .load(connection)?;
                        let counted = Counted(wanted().select(orders::id).limit(COUNT_LIMIT)).get_result(connection)?;
                        Ok(Page::new(with_items(connection, rows)?, counted))
                    })
                    .await
            }

            async fn expired_orders(&self, now: Timestamp, limit: u32) -> Result<Vec<OrderId>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let ids: Vec<Key> = expired_orders(connection, now, limit)?;
                        Ok(ids.into_iter().map(|key| OrderId::from_uuid(key.into())).collect())
                    })
                    .await
            }
        }

        #[async_trait]
        impl AuditTrailRepo for $reads {
            async fn audit_trail(
                &self,
                filter: AuditTrailFilter,
                page: PageRequest,
            ) -> Result<Page<AuditEntry>, RepoError> {
                self.readers
                    .read(move |connection| {
                        let wanted = || {
                            let mut query = audit_trail::table.into_boxed();
                            if let Some(id) = filter.subject_id {
                                query = query.filter(audit_trail::subject_id.eq(key(id)));
                            }
                            query
                        };
                        let rows: Vec<EntryRow> = wanted()
                            .order(audit_trail::id.desc())
                            .limit(page.page_size.into())
                            .offset(page.offset().into())
                            .select(EntryRow::as_select())
                            .load(connection)?;
                        let counted =
                            Counted(wanted().select(audit_trail::id).limit(COUNT_LIMIT)).get_result(connection)?;
                        Ok(Page::new(into_domain(rows)?, counted))
                    })
                    .await
            }
        }
    };
}

pub(crate) use impl_reads;
