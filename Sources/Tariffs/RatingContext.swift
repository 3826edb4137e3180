// SPDX-License-Identifier: Apache-2.0

public import Quantities

/// What the rater needs to know besides the usage: who pays how, where, and what was counted before.
///
/// Everything may be absent. A condition on what is not known does not match, with the note `missing_context`.
/// A quote freezes it together with the tariff; index values are added as they become known.
public struct RatingContext: Hashable, Sendable, Codable {
    /// How a driver pays.
    public enum PaymentChannel: String, Hashable, Sendable, Codable, CaseIterable {
        /// A payment card at the station or on a page.
        case card = "CARD"
        /// A wallet on a phone.
        case wallet = "WALLET"
        /// An RFID card of a contract.
        case rfid = "RFID"
        /// An app or a web page of a contract.
        case app = "APP"
    }

    /// Where the money of a card comes from.
    public enum CardFunding: String, Hashable, Sendable, Codable, CaseIterable {
        /// The holder's account.
        case debit = "DEBIT"
        /// The issuer's credit.
        case credit = "CREDIT"
    }

    /// What kind of current an EVSE gives.
    public enum EVSEKind: String, Hashable, Sendable, Codable, CaseIterable {
        /// Alternating current.
        case ac = "AC"
        /// Direct current.
        case dc = "DC"
    }

    /// How full a site was from an instant on.
    public struct Occupancy: Hashable, Sendable, Codable {
        /// First instant.
        public var from: Instant
        /// Share of the site's EVSEs that were in use.
        public var share: Percentage

        /// A share from an instant on.
        public init(from: Instant, _ share: Percentage) {
            self.from = from
            self.share = share
        }
    }

    /// What a counter has counted so far, or what a session adds to it.
    public enum Balance: Hashable, Sendable, Codable {
        /// Money under a cap.
        case spent(Money)
        /// Energy or time of an allowance.
        case used(Measured)
    }

    /// Something that pays for the driver.
    public struct Coupon: Hashable, Sendable, Codable {
        /// What it does.
        public enum Kind: String, Hashable, Sendable, Codable, CaseIterable {
            /// Lowers the price before tax is computed, in the basis of the tariff's prices.
            case price = "PRICE"
            /// Pays part of the gross total after rounding; the rest stays on it.
            case value = "VALUE"
        }

        /// Its name.
        public var id: String
        /// What it does.
        public var kind: Kind
        /// What it is worth, or what is left on it; not negative.
        public var amount: Money

        /// A coupon.
        public init(_ id: String, _ kind: Kind, _ amount: Money) {
            self.id = id
            self.kind = kind
            self.amount = amount
        }
    }

    /// How the driver pays.
    public var paymentChannel: PaymentChannel?
    /// The card's brand in lower case, e.g. `visa`; compared letter by letter.
    public var paymentBrand: String?
    /// Debit or credit.
    public var cardFunding: CardFunding?
    /// The kind of current.
    public var evseKind: EVSEKind?
    /// The most that the car can take, known at the start.
    public var vehicleMaxPower: Power?
    /// Memberships, plans and partners of the driver.
    public var groups: Set<String> = []
    /// How full the site was, ascending.
    public var occupancy: [Occupancy] = []
    /// Values of each index, ascending.
    public var indexes: [String: [TimedPrice]] = [:]
    /// What each counter had counted before this session; absent is nothing.
    public var balances: [String: Balance] = [:]
    /// Coupons, used in order.
    public var coupons: [Coupon] = []

    /// Nothing known.
    public init() {}

    /// Nothing known.
    public static let unknown = RatingContext()
}
