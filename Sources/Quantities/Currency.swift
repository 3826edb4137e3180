// SPDX-License-Identifier: Apache-2.0

/// A currency of ISO 4217 with its number of decimal digits.
public struct Currency: Hashable, Sendable {
    /// Three capital letters, e.g. `EUR`.
    public let code: String
    /// How many decimal digits the minor unit has: 0 (JPY), 2 (EUR) or 3 (KWD).
    public let exponent: Int

    /// A currency that Amptill knows, or nil. Only these codes enter the system.
    ///
    /// Currencies whose minor unit is not 10⁰, 10² or 10³ of the major unit (ISO 4217 has a few, for instance
    /// UYW with four digits) are not used for payments and are not in the list.
    public init?(code: String) {
        if Self.threeDigits.contains(code) {
            self.init(known: code, exponent: 3)
        } else if Self.noDigits.contains(code) {
            self.init(known: code, exponent: 0)
        } else if Self.twoDigits.contains(code) {
            self.init(known: code, exponent: 2)
        } else {
            return nil
        }
    }

    private init(known code: String, exponent: Int) {
        self.code = code
        self.exponent = exponent
    }

    /// How many minor units make one major unit: 1, 100 or 1000.
    public var minorUnitsPerMajor: Int64 {
        switch exponent {
        case 0: 1
        case 2: 100
        default: 1000
        }
    }

    /// Euro, two digits.
    public static let eur = Currency(known: "EUR", exponent: 2)
    /// Pound sterling, two digits.
    public static let gbp = Currency(known: "GBP", exponent: 2)
    /// US dollar, two digits.
    public static let usd = Currency(known: "USD", exponent: 2)
    /// Swiss franc, two digits.
    public static let chf = Currency(known: "CHF", exponent: 2)
    /// Yen, no digits.
    public static let jpy = Currency(known: "JPY", exponent: 0)
    /// Kuwaiti dinar, three digits.
    public static let kwd = Currency(known: "KWD", exponent: 3)

    // ISO 4217, list one, active codes by number of digits.
    private static let noDigits: Set<String> = [
        "BIF", "CLP", "DJF", "GNF", "ISK", "JPY", "KMF", "KRW", "PYG", "RWF", "UGX", "VND", "VUV", "XAF",
        "XOF",
        "XPF",
    ]
    private static let threeDigits: Set<String> = ["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"]
    private static let twoDigits: Set<String> = [
        "AED", "AFN", "ALL", "AMD", "ANG", "AOA", "ARS", "AUD", "AWG", "AZN", "BAM", "BBD", "BDT", "BGN",
        "BMD",
        "BND", "BOB", "BRL", "BSD", "BTN", "BWP", "BYN", "BZD", "CAD", "CDF", "CHF", "CNY", "COP", "CRC",
        "CUP",
        "CVE", "CZK", "DKK", "DOP", "DZD", "EGP", "ERN", "ETB", "EUR", "FJD", "FKP", "GBP", "GEL", "GHS",
        "GIP",
        "GMD", "GTQ", "GYD", "HKD", "HNL", "HTG", "HUF", "IDR", "ILS", "INR", "IRR", "JMD", "KES", "KGS",
        "KHR",
        "KPW", "KYD", "KZT", "LAK", "LBP", "LKR", "LRD", "LSL", "MAD", "MDL", "MGA", "MKD", "MMK", "MNT",
        "MOP",
        "MRU", "MUR", "MVR", "MWK", "MXN", "MYR", "MZN", "NAD", "NGN", "NIO", "NOK", "NPR", "NZD", "PAB",
        "PEN",
        "PGK", "PHP", "PKR", "PLN", "QAR", "RON", "RSD", "RUB", "SAR", "SBD", "SCR", "SDG", "SEK", "SGD",
        "SHP",
        "SLE", "SOS", "SRD", "SSP", "STN", "SVC", "SYP", "SZL", "THB", "TJS", "TMT", "TOP", "TRY", "TTD",
        "TWD",
        "TZS", "UAH", "USD", "UYU", "UZS", "VED", "VES", "WST", "XCD", "XCG", "YER", "ZAR", "ZMW", "ZWG",
    ]
}

extension Currency: CustomStringConvertible {
    /// The code.
    public var description: String { code }
}

extension Currency: Codable {
    /// Reads the code; an unknown one is an error.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let code = try container.decode(String.self)
        guard let currency = Currency(code: code) else {
            throw DecodingError.dataCorruptedError(
                in: container, debugDescription: "unknown currency \(code)")
        }
        self = currency
    }

    /// Writes the code.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(code)
    }
}
