use domain::{Charge, ChargeCode, CheckoutId, Money, TextError};
use sha2::{Digest, Sha256};

/// Base 32 without letters that look like digits (Crockford's).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// 80 bits: no two checkouts share a code, however many there are.
const NAME_BYTES: usize = 10;
const NAME_CHARS: usize = NAME_BYTES * 8 / 5;

/// A name that can never be registered (RFC 2606), so that nobody is sent to a stranger's page.
const PAGES: &str = "https://fake.invalid/pay/";

/// What a charge is called here: a name made of its checkout's id, then what it asks for, as in
/// `5Y8M0Q2T7RW3KX9A-USD-2999`.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct FakeCode {
    name: String,
    money: Money,
}

impl FakeCode {
    pub(super) fn of(checkout_id: CheckoutId, money: Money) -> Self {
        let digest = Sha256::digest(checkout_id.as_uuid().as_bytes());
        Self { name: base32(&digest[..NAME_BYTES]), money }
    }

    /// `None` if it is none of ours.
    pub(super) fn read(code: &ChargeCode) -> Option<Self> {
        let mut parts = code.as_str().split('-');
        let (name, currency, minor) = (parts.next()?, parts.next()?, parts.next()?);
        let money = Money::from_minor(minor.parse().ok()?, currency.parse().ok()?).ok()?;
        let is_name = name.len() == NAME_CHARS && name.bytes().all(|byte| ALPHABET.contains(&byte));
        let read = Self { name: name.to_owned(), money };
        // Written again it must be the same: `+2999` and `02999` are other codes, of charges that don't exist.
        (is_name && read.text() == code.as_str()).then_some(read)
    }

    pub(super) fn money(&self) -> Money {
        self.money
    }

    pub(super) fn charge(&self) -> Result<Charge, TextError> {
        let code = ChargeCode::parse(self.text())?;
        let hosted_url = format!("{PAGES}{code}");
        Ok(Charge { code, hosted_url })
    }

    fn text(&self) -> String {
        format!("{}-{}-{}", self.name, self.money.currency(), self.money.minor())
    }
}

/// Five bits a character, the highest first.
fn base32(bytes: &[u8]) -> String {
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
    let bits: Vec<u8> = bits.collect();
    let index = |chunk: &[u8]| chunk.iter().fold(0_usize, |index, bit| index << 1 | usize::from(*bit));
    bits.chunks(5).map(|chunk| char::from(ALPHABET[index(chunk) % ALPHABET.len()])).collect()
}

#[cfg(test)]
mod tests {
    use domain::Currency;
    use uuid::Uuid;

    use super::*;

    fn checkout(number: u128) -> CheckoutId {
        CheckoutId::from_uuid(Uuid::from_u128(number))
    }

    #[test]
    fn a_code_tells_what_its_charge_asks_for() {
        for (minor, currency) in [(2_999, Currency::USD), (1, Currency::BTC), (100_000_000_000_000_000, Currency::ETH)]
        {
            let code = FakeCode::of(checkout(7), Money::from_minor(minor, currency).unwrap());
            assert_eq!(FakeCode::read(&code.charge().unwrap().code), Some(code));
        }
    }

    #[test]
    fn checkouts_have_codes_of_their_own() {
        let money = Money::from_minor(1, Currency::USD).unwrap();
        let codes: std::collections::HashSet<_> =
            (0..10_000).map(|number| FakeCode::of(checkout(number), money).text()).collect();
        assert_eq!(codes.len(), 10_000);
        assert!(codes.iter().all(|code| code.len() == "5Y8M0Q2T7RW3KX9A-USD-1".len()));
    }

    #[test]
    fn what_was_not_made_here_is_no_code() {
        for code in [
            "ABCD1234",
            "5Y8M0Q2T7RW3KX9A",
            "5Y8M0Q2T7RW3KX9A-USD",
            "5Y8M0Q2T7RW3KX9A-USD-",
            "5Y8M0Q2T7RW3KX9A-USD-0",
            "5Y8M0Q2T7RW3KX9A-USD--5",
            "5Y8M0Q2T7RW3KX9A-USD-+5",
            "5Y8M0Q2T7RW3KX9A-USD-05",
            "5Y8M0Q2T7RW3KX9A-USD-5-",
            "5Y8M0Q2T7RW3KX9A-usd-5",
            "5y8m0q2t7rw3kx9a-USD-5",
            "5Y8M0Q2T7RW3KX9-USD-5",
        ] {
            assert_eq!(FakeCode::read(&ChargeCode::parse(code).unwrap()), None, "{code}");
        }
    }
}
