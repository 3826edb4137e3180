// SPDX-License-Identifier: Apache-2.0

/// What an identifier belongs to, and the prefix that shows it outside (api.md §1).
public protocol IDOwner: Sendable {
    /// The letters before the underscore, e.g. `ses`.
    static var prefix: String { get }
}

/// An identifier: the owner's prefix, an underscore and 26 characters of Crockford base 32 that sort by time.
///
/// The characters encode 48 bits of milliseconds and 80 random bits, as a ULID does. Opaque to everybody else.
public struct ID<Owner: IDOwner>: Hashable, Sendable {
    /// The whole text, e.g. `ses_01J9ZQ4X7M8Q3T5V6W8Y0A1B2C`.
    public let text: String

    /// An identifier made now: `random` gives its lower 80 bits.
    public init(at instant: Instant, random: UInt128) {
        let time = UInt128(UInt64(max(0, instant.milliseconds))) << 80
        let bits = time | (random & ((UInt128(1) << 80) - 1))
        var characters = [UInt8](repeating: 0, count: 26)
        for index in 0..<26 {
            characters[25 - index] = crockford[Int((bits >> UInt128(5 * index)) & 31)]
        }
        text = Owner.prefix + "_" + String(decoding: characters, as: UTF8.self)
    }

    /// Reads an identifier; nil if the prefix is another owner's or a character is not of the alphabet.
    public init?(_ text: String) {
        let prefix = Owner.prefix.utf8
        let characters = text.utf8
        // Every row that is read has some: looked at in place, without parts of their own.
        guard
            let underscore = characters.index(
                characters.startIndex, offsetBy: prefix.count, limitedBy: characters.endIndex),
            characters[..<underscore].elementsEqual(prefix), underscore < characters.endIndex,
            characters[underscore] == UInt8(ascii: "_")
        else { return nil }
        let rest = characters[characters.index(after: underscore)...]
        guard (1...64).contains(rest.count), rest.allSatisfy({ isAlphanumeric($0) }) else { return nil }
        self.text = text
    }
}

private let crockford = Array("0123456789ABCDEFGHJKMNPQRSTVWXYZ".utf8)

private func isAlphanumeric(_ byte: UInt8) -> Bool {
    (48...57).contains(byte) || (65...90).contains(byte) || (97...122).contains(byte)
}

extension ID: Comparable, CustomStringConvertible, LosslessStringConvertible, Codable {
    /// Older identifiers come first.
    public static func < (left: ID, right: ID) -> Bool { left.text < right.text }
    /// The whole text.
    public var description: String { text }

    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let id = ID(text) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "\(text) is no \(Owner.prefix)_ id")
        }
        self = id
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(text)
    }
}

/// The owners of identifiers, all of them, once.
public enum Owners {
    /// The tenant.
    public enum Organisation: IDOwner {
        /// `org_…`.
        public static var prefix: String { "org" }
    }
    /// A place with stations.
    public enum Site: IDOwner {
        /// `site_…`.
        public static var prefix: String { "site" }
    }
    /// A charging station.
    public enum Station: IDOwner {
        /// `sta_…`.
        public static var prefix: String { "sta" }
    }
    /// The unit that charges one car at a time.
    public enum EVSE: IDOwner {
        /// `evse_…`.
        public static var prefix: String { "evse" }
    }
    /// A named list of versions.
    public enum Tariff: IDOwner {
        /// `trf_…`.
        public static var prefix: String { "trf" }
    }
    /// An immutable version of a tariff.
    public enum TariffVersion: IDOwner {
        /// `trv_…`.
        public static var prefix: String { "trv" }
    }
    /// What identifies a driver to a station.
    public enum Token: IDOwner {
        /// `tok_…`.
        public static var prefix: String { "tok" }
    }
    /// A person.
    public enum Driver: IDOwner {
        /// `drv_…`.
        public static var prefix: String { "drv" }
    }
    /// The party that pays.
    public enum Account: IDOwner {
        /// `acc_…`.
        public static var prefix: String { "acc" }
    }
    /// A stored way to pay.
    public enum PaymentMethod: IDOwner {
        /// `pm_…`.
        public static var prefix: String { "pm" }
    }
    /// A prepaid balance.
    public enum Wallet: IDOwner {
        /// `wal_…`.
        public static var prefix: String { "wal" }
    }
    /// A frozen price shown to a driver.
    public enum Quote: IDOwner {
        /// `quo_…`.
        public static var prefix: String { "quo" }
    }
    /// A guest's visit.
    public enum Checkout: IDOwner {
        /// `chk_…`.
        public static var prefix: String { "chk" }
    }
    /// One charging session.
    public enum Session: IDOwner {
        /// `ses_…`.
        public static var prefix: String { "ses" }
    }
    /// One thing a station told about a session.
    public enum Fact: IDOwner {
        /// `fct_…`.
        public static var prefix: String { "fct" }
    }
    /// What a session owes.
    public enum Bill: IDOwner {
        /// `bil_…`.
        public static var prefix: String { "bil" }
    }
    /// One use of one funding source.
    public enum Payment: IDOwner {
        /// `pay_…`.
        public static var prefix: String { "pay" }
    }
    /// One call to a gateway.
    public enum Attempt: IDOwner {
        /// `att_…`.
        public static var prefix: String { "att" }
    }
    /// Money given back.
    public enum Refund: IDOwner {
        /// `ref_…`.
        public static var prefix: String { "ref" }
    }
    /// Money claimed back.
    public enum Dispute: IDOwner {
        /// `dsp_…`.
        public static var prefix: String { "dsp" }
    }
    /// An unpaid remainder.
    public enum Debt: IDOwner {
        /// `dbt_…`.
        public static var prefix: String { "dbt" }
    }
    /// A line of a gateway's settlement report.
    public enum SettlementLine: IDOwner {
        /// `stl_…`.
        public static var prefix: String { "stl" }
    }
    /// An account at a payment gateway.
    public enum GatewayAccount: IDOwner {
        /// `gwa_…`.
        public static var prefix: String { "gwa" }
    }
    /// A ledger transaction.
    public enum Transaction: IDOwner {
        /// `txn_…`.
        public static var prefix: String { "txn" }
    }
    /// A receipt.
    public enum Receipt: IDOwner {
        /// `rcp_…`.
        public static var prefix: String { "rcp" }
    }
    /// An invoice.
    public enum Invoice: IDOwner {
        /// `inv_…`.
        public static var prefix: String { "inv" }
    }
    /// A credit note.
    public enum CreditNote: IDOwner {
        /// `crn_…`.
        public static var prefix: String { "crn" }
    }
    /// A fact told to subscribers, or the cause of a posting.
    public enum Event: IDOwner {
        /// `evt_…`.
        public static var prefix: String { "evt" }
    }
    /// A credential.
    public enum APIKey: IDOwner {
        /// `key_…`.
        public static var prefix: String { "key" }
    }
    /// A question for a person.
    public enum WorkItem: IDOwner {
        /// `wki_…`.
        public static var prefix: String { "wki" }
    }
    /// A message as a station sent it.
    public enum Frame: IDOwner {
        /// `frm_…`.
        public static var prefix: String { "frm" }
    }
    /// A socket of a station.
    public enum Connection: IDOwner {
        /// `con_…`.
        public static var prefix: String { "con" }
    }
    /// Something a station was asked to do.
    public enum Command: IDOwner {
        /// `cmd_…`.
        public static var prefix: String { "cmd" }
    }
    /// An outbox row.
    public enum Parcel: IDOwner {
        /// `par_…`.
        public static var prefix: String { "par" }
    }
    /// An inbox row.
    public enum Delivery: IDOwner {
        /// `inb_…`.
        public static var prefix: String { "inb" }
    }
    /// An address of a subscriber to events.
    public enum WebhookEndpoint: IDOwner {
        /// `whk_…`.
        public static var prefix: String { "whk" }
    }
    /// One event on its way to one subscriber.
    public enum WebhookDelivery: IDOwner {
        /// `dlv_…`.
        public static var prefix: String { "dlv" }
    }
    /// One mail on its way to one person.
    public enum Mail: IDOwner {
        /// `mal_…`.
        public static var prefix: String { "mal" }
    }
    /// A request to the API.
    public enum Request: IDOwner {
        /// `req_…`.
        public static var prefix: String { "req" }
    }
}

/// Identifies the tenant; `org_…`.
public typealias OrganisationID = ID<Owners.Organisation>
/// Identifies a place with stations; `site_…`.
public typealias SiteID = ID<Owners.Site>
/// Identifies a charging station; `sta_…`.
public typealias StationID = ID<Owners.Station>
/// Identifies the unit that charges one car at a time; `evse_…`.
public typealias EVSEID = ID<Owners.EVSE>
/// Identifies a named list of versions; `trf_…`.
public typealias TariffID = ID<Owners.Tariff>
/// Identifies an immutable version of a tariff; `trv_…`.
public typealias TariffVersionID = ID<Owners.TariffVersion>
/// Identifies what identifies a driver to a station; `tok_…`.
public typealias TokenID = ID<Owners.Token>
/// Identifies a person; `drv_…`.
public typealias DriverID = ID<Owners.Driver>
/// Identifies the party that pays; `acc_…`.
public typealias AccountID = ID<Owners.Account>
/// Identifies a stored way to pay; `pm_…`.
public typealias PaymentMethodID = ID<Owners.PaymentMethod>
/// Identifies a prepaid balance; `wal_…`.
public typealias WalletID = ID<Owners.Wallet>
/// Identifies a frozen price shown to a driver; `quo_…`.
public typealias QuoteID = ID<Owners.Quote>
/// Identifies a guest's visit; `chk_…`.
public typealias CheckoutID = ID<Owners.Checkout>
/// Identifies one charging session; `ses_…`.
public typealias SessionID = ID<Owners.Session>
/// Identifies one thing a station told about a session; `fct_…`.
public typealias FactID = ID<Owners.Fact>
/// Identifies what a session owes; `bil_…`.
public typealias BillID = ID<Owners.Bill>
/// Identifies one use of one funding source; `pay_…`.
public typealias PaymentID = ID<Owners.Payment>
/// Identifies one call to a gateway; `att_…`.
public typealias AttemptID = ID<Owners.Attempt>
/// Identifies money given back; `ref_…`.
public typealias RefundID = ID<Owners.Refund>
/// Identifies money claimed back; `dsp_…`.
public typealias DisputeID = ID<Owners.Dispute>
/// Identifies an unpaid remainder; `dbt_…`.
public typealias DebtID = ID<Owners.Debt>
/// Identifies a line of a gateway's settlement report; `stl_…`.
public typealias SettlementLineID = ID<Owners.SettlementLine>
/// Identifies an account at a payment gateway; `gwa_…`.
public typealias GatewayAccountID = ID<Owners.GatewayAccount>
/// Identifies a ledger transaction; `txn_…`.
public typealias TransactionID = ID<Owners.Transaction>
/// Identifies a receipt; `rcp_…`.
public typealias ReceiptID = ID<Owners.Receipt>
/// Identifies an invoice; `inv_…`.
public typealias InvoiceID = ID<Owners.Invoice>
/// Identifies a credit note; `crn_…`.
public typealias CreditNoteID = ID<Owners.CreditNote>
/// Identifies a fact told to subscribers, or the cause of a posting; `evt_…`.
public typealias EventID = ID<Owners.Event>
/// Identifies a credential; `key_…`.
public typealias APIKeyID = ID<Owners.APIKey>
/// Identifies a question for a person; `wki_…`.
public typealias WorkItemID = ID<Owners.WorkItem>
/// Identifies a message as a station sent it; `frm_…`.
public typealias FrameID = ID<Owners.Frame>
/// Identifies a socket of a station; `con_…`.
public typealias ConnectionID = ID<Owners.Connection>
/// Identifies something a station was asked to do; `cmd_…`.
public typealias CommandID = ID<Owners.Command>
/// Identifies an outbox row; `par_…`.
public typealias ParcelID = ID<Owners.Parcel>
/// Identifies an inbox row; `inb_…`.
public typealias DeliveryID = ID<Owners.Delivery>
/// Identifies the address of a subscriber to events; `whk_…`.
public typealias WebhookEndpointID = ID<Owners.WebhookEndpoint>
/// Identifies one event on its way to one subscriber; `dlv_…`.
public typealias WebhookDeliveryID = ID<Owners.WebhookDelivery>
/// Identifies one mail on its way to one person; `mal_…`.
public typealias MailID = ID<Owners.Mail>
/// Identifies a request to the API; `req_…`.
public typealias RequestID = ID<Owners.Request>
