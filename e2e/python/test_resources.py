"""Charges, checkouts and events, by Coinbase's own client for Python."""

import unittest
import warnings

from coinbase_commerce.api_resources import Charge, Checkout, Event
from coinbase_commerce.error import InvalidRequestError, ParamRequiredError, ResourceNotFoundError, ValidationError
from coinbase_commerce.util import convert_to_api_object

from support import Receiver, Sandbox, path, seat, until


class WithSandbox(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.sandbox = Sandbox()
        cls.addClassCleanup(cls.sandbox.stop)
        cls.client = cls.sandbox.client()

    def reaches(self, code, status):
        def ask():
            charge = self.client.charge.retrieve(code)
            return charge if charge.timeline[-1].status == status else None

        return until(f"{code} is {status}", ask)


class Charges(WithSandbox):
    def test_are_made(self):
        charge = self.client.charge.create(**seat(metadata={"order": 7, "name": "Zoë ☕"}))
        self.assertIsInstance(charge, Charge)
        self.assertRegex(charge.code, r"^[A-Z0-9]{8}$")
        self.assertEqual(charge.pricing.local, {"amount": "29.99", "currency": "USD"})
        self.assertEqual(charge.metadata, {"order": 7, "name": "Zoë ☕"})
        self.assertEqual(charge.hosted_url, f"{self.sandbox.base}/pay/{charge.code}")
        self.assertEqual(path(charge), ["NEW"])
        self.assertEqual(charge.payments, [])
        self.assertNotIn("confirmed_at", charge)

    def test_are_made_without_a_price(self):
        charge = self.client.charge.create(name="Tip jar", description=None, pricing_type="no_price")
        self.assertEqual(charge.pricing_type, "no_price")

    def test_are_fetched_by_id_and_by_code(self):
        made = self.client.charge.create(**seat())
        for key in (made.id, made.code):
            charge = self.client.charge.retrieve(key)
            self.assertIsInstance(charge, Charge)
            self.assertEqual(charge, made)

    def test_are_refreshed(self):
        charge = self.client.charge.create(**seat())
        self.sandbox.pay(charge.code, "success")
        self.reaches(charge.code, "COMPLETED")
        self.assertEqual(path(charge), ["NEW"])
        charge.refresh()
        self.assertEqual(path(charge), ["NEW", "PENDING", "COMPLETED"])

    def test_come_without_warnings(self):
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            self.client.charge.create(**seat())
            self.client.charge.list()
        self.assertEqual(caught, [])

    def test_are_canceled_without_a_body(self):
        charge = self.client.charge.create(**seat())
        canceled = convert_to_api_object(self.client.post("charges", charge.code, "cancel"))
        self.assertIsInstance(canceled, Charge)
        self.assertEqual(path(canceled), ["NEW", "CANCELED"])
        with self.assertRaises(InvalidRequestError):
            self.client.post("charges", charge.id, "cancel")

    def test_are_resolved_without_a_body(self):
        charge = self.client.charge.create(**seat())
        with self.assertRaises(InvalidRequestError):
            self.client.post("charges", charge.code, "resolve")
        self.sandbox.pay(charge.code, "underpaid")
        self.reaches(charge.code, "UNRESOLVED")
        resolved = convert_to_api_object(self.client.post("charges", charge.code, "resolve"))
        self.assertEqual(path(resolved), ["NEW", "PENDING", "UNRESOLVED UNDERPAID", "RESOLVED"])


class Lists(WithSandbox):
    COUNT = 7

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        made = [cls.client.charge.create(**seat(name=f"Seat {n}")) for n in range(cls.COUNT)]
        cls.ids = [charge.id for charge in reversed(made)]

    def ids_of(self, charges):
        return [charge.id for charge in charges]

    def test_are_newest_first(self):
        page = self.client.charge.list()
        self.assertEqual(self.ids_of(page.data), self.ids)
        self.assertTrue(all(isinstance(charge, Charge) for charge in page.data))
        self.assertEqual((page.pagination.order, page.pagination.limit), ("desc", 25))
        self.assertEqual((page.pagination.total, page.pagination.yielded), (self.COUNT, self.COUNT))

    def test_are_cut_and_turned(self):
        page = self.client.charge.list(limit=3, order="asc")
        self.assertEqual(self.ids_of(page.data), self.ids[:-4:-1])
        page = self.client.charge.list(limit=2, starting_after=self.ids[1])
        self.assertEqual(self.ids_of(page.data), self.ids[2:4])
        page = self.client.charge.list(limit=2, ending_before=self.ids[4])
        self.assertEqual(self.ids_of(page.data), self.ids[2:4])

    def test_are_read_to_the_end(self):
        for params in ({}, {"limit": 1}, {"limit": 3}, {"limit": 7}, {"limit": 8}):
            with self.subTest(params):
                self.assertEqual(self.ids_of(self.client.charge.list_paging_iter(**params)), self.ids)
        backwards = self.client.charge.list_paging_iter(limit=2, order="asc")
        self.assertEqual(self.ids_of(backwards), self.ids[::-1])
        self.assertEqual(self.ids_of(self.client.charge.list_paging_iter(limit=0)), [])

    def test_refuse_what_makes_no_page(self):
        for params in ({"limit": 101}, {"limit": -1}, {"order": "up"}):
            with self.subTest(params), self.assertRaises(InvalidRequestError):
                self.client.charge.list(**params)


class Checkouts(WithSandbox):
    def create(self, **more):
        checkout = {
            "name": "Tour poster",
            "description": "Numbered",
            "pricing_type": "fixed_price",
            "local_price": {"amount": "19.50", "currency": "EUR"},
            "requested_info": ["name", "email"],
        }
        checkout.update(more)
        return self.client.checkout.create(**checkout)

    def test_are_made_and_fetched(self):
        checkout = self.create()
        self.assertIsInstance(checkout, Checkout)
        self.assertEqual(checkout.local_price, {"amount": "19.50", "currency": "EUR"})
        self.assertEqual(checkout.requested_info, ["name", "email"])
        self.assertEqual(checkout.hosted_url, f"{self.sandbox.base}/checkout/{checkout.id}")
        self.assertEqual(self.client.checkout.retrieve(checkout.id), checkout)

    def test_are_listed(self):
        made = [self.create().id for _ in range(3)][::-1]
        listed = [checkout.id for checkout in self.client.checkout.list_paging_iter(limit=2)]
        self.assertEqual(listed[:3], made)
        self.assertEqual([one.id for one in self.client.checkout.list(limit=1).data], made[:1])

    def test_are_changed_by_saving_what_is_different(self):
        checkout = self.create()
        checkout.name = "Tour poster, signed"
        checkout.save()
        self.assertEqual(checkout.name, "Tour poster, signed")
        found = self.client.checkout.retrieve(checkout.id)
        self.assertEqual((found.name, found.description), ("Tour poster, signed", "Numbered"))
        self.assertEqual(found.local_price, {"amount": "19.50", "currency": "EUR"})

    def test_are_changed_inside(self):
        checkout = self.create()
        checkout.local_price.amount = "21.00"
        checkout.save()
        found = self.client.checkout.retrieve(checkout.id)
        self.assertEqual(found.local_price, {"amount": "21.00", "currency": "EUR"})
        self.assertEqual(found.name, "Tour poster")

    def test_stay_as_they_are_when_nothing_is_different(self):
        checkout = self.create()
        checkout.save()
        found = self.client.checkout.retrieve(checkout.id)
        self.assertEqual((found.name, found.requested_info), ("Tour poster", ["name", "email"]))

    def test_are_changed_by_id(self):
        checkout = self.create()
        changed = self.client.checkout.modify(checkout.id, description="The last ones")
        self.assertIsInstance(changed, Checkout)
        self.assertEqual((changed.name, changed.description), ("Tour poster", "The last ones"))

    def test_are_deleted(self):
        checkout = self.create()
        key = checkout.id
        checkout.delete()
        with self.assertRaises(ResourceNotFoundError):
            self.client.checkout.retrieve(key)

    def test_are_refused(self):
        with self.assertRaises(ParamRequiredError):
            self.create(name=None)
        with self.assertRaises(ParamRequiredError):
            self.create(local_price=None)
        with self.assertRaises(ValidationError):
            self.create(requested_info=["shoe size"])
        with self.assertRaises(ResourceNotFoundError):
            self.client.checkout.modify("00000000-0000-4000-8000-000000000000", name="x")


class Events(unittest.TestCase):
    def setUp(self):
        self.receiver = Receiver()
        self.addCleanup(self.receiver.stop)
        self.sandbox = Sandbox(self.receiver.url)
        self.addCleanup(self.sandbox.stop)
        self.client = self.sandbox.client()

    def test_are_what_webhooks_tell(self):
        code = self.client.charge.create(**seat()).code
        self.sandbox.pay(code, "success")
        told = {webhook.event["id"]: webhook.event for webhook in self.receiver.wait(code, 3)}
        events = list(self.client.event.list_paging_iter(limit=2))
        self.assertEqual([event.type for event in events], ["charge:confirmed", "charge:pending", "charge:created"])
        for event in events:
            self.assertIsInstance(event, Event)
            self.assertIsInstance(event.data, Charge)
            self.assertEqual(event, told[event.id])
            self.assertEqual(self.client.event.retrieve(event.id), event)

    def test_page_backwards_too(self):
        for _ in range(3):
            self.client.charge.create(**seat())
        events = self.client.event.list().data
        page = self.client.event.list(limit=1, ending_before=events[2].id)
        self.assertEqual([event.id for event in page.data], [events[1].id])
