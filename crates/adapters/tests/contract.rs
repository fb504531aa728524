//! The contract suite against every store.

use testkit::stores::TestStore;

testkit::contract_suite!(postgres, crate::TestStore::postgres);
testkit::contract_suite!(sqlite, crate::TestStore::sqlite);
testkit::contract_suite!(memory, crate::TestStore::memory);
