use diesel::backend::Backend;
use diesel::query_builder::{AstPass, Query, QueryFragment, QueryId};
use diesel::sql_types::BigInt;
use diesel::{QueryResult, RunQueryDsl};

/// How many rows a query would give. The query carries a LIMIT, so that nothing huge is ever counted.
#[derive(Clone, Copy, Debug, QueryId)]
pub(crate) struct Counted<Q>(pub(crate) Q);

impl<Q: Query> Query for Counted<Q> {
    type SqlType = BigInt;
}

impl<Q, C> RunQueryDsl<C> for Counted<Q> {}

impl<Q: QueryFragment<DB>, DB: Backend> QueryFragment<DB> for Counted<Q> {
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("SELECT count(*) FROM (");
        self.0.walk_ast(out.reborrow())?;
        out.push_sql(") AS counted");
        Ok(())
    }
}
