// SPDX-License-Identifier: Apache-2.0
public import JSONText

extension V21 {
    /// A tariff as stations know them (P2 §2 TariffType, I07 to I12). Amounts and limits are decimal texts.
    public struct Tariff: Hashable, Sendable {
        /// Its name, unique for us.
        public let id: String?
        /// ISO 4217.
        public let currency: String?
        /// The price in words, one for each language.
        public let description: [String]
        /// Before this it does not count.
        public let validFrom: Timestamp?
        /// The parts by name: `energy`, `chargingTime`, `idleTime`, `fixedFee`, `reservationTime`, `reservationFixed`.
        public let parts: [String: Part]
        public let minCost: Price?
        public let maxCost: Price?

        /// The prices of one dimension.
        public struct Part: Hashable, Sendable {
            public let prices: [Element]
            public let taxes: [TaxRate]
        }

        /// One price with the conditions under which it counts.
        public struct Element: Hashable, Sendable {
            /// Per kWh, per minute, or once.
            public let price: String?
            /// Name and value: times `HH:MM`, dates, decimal texts, or words joined by commas.
            public let conditions: [String: String]
        }

        /// Reads a tariff, e.g. of a SetDefaultTariff; what is odd about it is in the findings.
        public static func read(_ json: JSON) -> (tariff: Tariff, findings: [Finding]) {
            var reader = PayloadReader(version: .v21, mayCarryMoney: true)
            var fields = PayloadReader.fields(of: json)
            let tariff = reader.tariff(&fields)
            reader.finish(fields)
            return (tariff, reader.findings)
        }
    }
}

extension PayloadReader {
    /// The parts of a tariff: the name of the part, and that of the price in it.
    private static let tariffParts = [
        ("energy", "priceKwh"), ("chargingTime", "priceMinute"), ("idleTime", "priceMinute"),
        ("fixedFee", "priceFixed"), ("reservationTime", "priceMinute"), ("reservationFixed", "priceFixed"),
    ]
    private static let textConditions = [
        "startTimeOfDay", "endTimeOfDay", "validFromDate", "validToDate", "evseKind", "paymentBrand",
        "paymentRecognition",
    ]
    private static let numberConditions = [
        "minEnergy", "maxEnergy", "minCurrent", "maxCurrent", "minPower", "maxPower", "minTime", "maxTime",
        "minChargingTime", "maxChargingTime", "minIdleTime", "maxIdleTime",
    ]

    fileprivate mutating func tariff(_ fields: inout Fields) -> V21.Tariff {
        let id = text("tariffId", &fields, .required, limit: 60)
        let currency = text("currency", &fields, .required, limit: 3)
        var description: [String] = []
        for var message in objects("description", &fields) {
            _ = text("format", &message, .required)
            _ = text("language", &message, limit: 8)
            if let content = text("content", &message, .required, limit: 1024) { description.append(content) }
            finish(message)
        }
        let validFrom = timestamp("validFrom", &fields)
        var parts: [String: V21.Tariff.Part] = [:]
        for (name, price) in Self.tariffParts { parts[name] = part(name, price, &fields) }
        return V21.Tariff(
            id: id, currency: currency, description: description, validFrom: validFrom, parts: parts,
            minCost: price("minCost", &fields), maxCost: price("maxCost", &fields))
    }

    private mutating func part(_ name: String, _ price: String, _ fields: inout Fields) -> V21.Tariff.Part? {
        guard var part = object(name, &fields) else { return nil }
        var prices: [V21.Tariff.Element] = []
        for var element in objects("prices", &part, .required) {
            let amount = number(price, &element, .required)
            prices.append(V21.Tariff.Element(price: amount, conditions: conditions(&element)))
            finish(element)
        }
        let taxes = taxRates(&part)
        finish(part)
        return V21.Tariff.Part(prices: prices, taxes: taxes)
    }

    private mutating func conditions(_ element: inout Fields) -> [String: String] {
        guard var fields = object("conditions", &element) else { return [:] }
        var conditions: [String: String] = [:]
        for key in Self.textConditions { conditions[key] = text(key, &fields) }
        for key in Self.numberConditions { conditions[key] = number(key, &fields) }
        let days = list("dayOfWeek", &fields).compactMap(\.string)
        if !days.isEmpty { conditions["dayOfWeek"] = days.joined(separator: ",") }
        finish(fields)
        return conditions
    }
}
