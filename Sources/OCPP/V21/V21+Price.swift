// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V21 {
    /// A price with its taxes (P2 §2 PriceType). Amounts are decimal texts, in the currency of what it is part of.
    public struct Price: Hashable, Sendable {
        /// Without taxes.
        public let exclusive: String?
        /// With taxes.
        public let inclusive: String?
        /// The taxes in it.
        public let taxes: [TaxRate]
    }

    /// One tax (P2 §2 TaxRateType).
    public struct TaxRate: Hashable, Sendable {
        /// Its name, e.g. `VAT`.
        public let type: String?
        /// Percent, decimal text.
        public let percent: String?
        /// On top of which others it is levied, from 0.
        public let stack: Int64?
    }

    /// Where a session must end by itself (P2 §2 TransactionLimitType, E16).
    public struct TransactionLimit: Hashable, Sendable {
        /// In the currency of the tariff, decimal text.
        public var maxCost: String?
        /// Wh, decimal text.
        public var maxEnergy: String?
        /// Seconds.
        public var maxTime: Int64?
        /// Percent, 0 to 100.
        public var maxSoC: Int64?

        public init(
            maxCost: String? = nil, maxEnergy: String? = nil, maxTime: Int64? = nil, maxSoC: Int64? = nil
        ) {
            self.maxCost = maxCost
            self.maxEnergy = maxEnergy
            self.maxTime = maxTime
            self.maxSoC = maxSoC
        }

        /// Its form in an answer to a TransactionEvent.
        public var json: JSON {
            .present([
                "maxCost": maxCost.map { .number($0) }, "maxEnergy": maxEnergy.map { .number($0) },
                "maxTime": maxTime.map { JSON($0) }, "maxSoC": maxSoC.map { JSON($0) },
            ])
        }
    }

    /// A postal address with a name (P2 §2 AddressType).
    public struct Address: Hashable, Sendable {
        public let name: String?
        public let lines: [String]
        public let postalCode: String?
        public let city: String?
        public let country: String?
    }
}

extension PayloadReader {
    /// The taxes of a price or of a list of prices.
    mutating func taxRates(_ fields: inout Fields) -> [V21.TaxRate] {
        objects("taxRates", &fields).map { entry in
            var entry = entry
            let rate = V21.TaxRate(
                type: text("type", &entry, .required, limit: 20), percent: number("tax", &entry, .required),
                stack: integer("stack", &entry))
            finish(entry)
            return rate
        }
    }

    /// A price.
    mutating func price(_ key: String, _ fields: inout Fields, _ presence: Presence = .optional) -> V21.Price?
    {
        guard var price = object(key, &fields, presence) else { return nil }
        let exclusive = number("exclTax", &price)
        let inclusive = number("inclTax", &price)
        let taxes = taxRates(&price)
        finish(price)
        return V21.Price(exclusive: exclusive, inclusive: inclusive, taxes: taxes)
    }

    /// The limits of a session.
    mutating func transactionLimit(_ key: String, _ fields: inout Fields) -> V21.TransactionLimit? {
        guard var limit = object(key, &fields) else { return nil }
        let read = V21.TransactionLimit(
            maxCost: number("maxCost", &limit), maxEnergy: number("maxEnergy", &limit),
            maxTime: integer("maxTime", &limit), maxSoC: integer("maxSoC", &limit))
        finish(limit)
        return read
    }

    /// An address.
    mutating func address(_ key: String, _ fields: inout Fields) -> V21.Address? {
        guard var address = object(key, &fields) else { return nil }
        let name = text("name", &address, .required, limit: 50)
        let first = text("address1", &address, .required, limit: 100)
        let second = text("address2", &address, limit: 100)
        let postalCode = text("postalCode", &address, limit: 20)
        let city = text("city", &address, .required, limit: 100)
        let country = text("country", &address, .required, limit: 50)
        finish(address)
        return V21.Address(
            name: name, lines: [first, second].compactMap { $0 }, postalCode: postalCode, city: city,
            country: country)
    }
}
