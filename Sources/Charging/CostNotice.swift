// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// What a station is told to show of the price (charging.md §11). Every number comes from the running or the final bill
/// (I23); the station computes nothing.
package struct CostNotice: Hashable, Sendable, Codable {
    /// Whether the session goes on.
    package enum Moment: String, Hashable, Sendable, Codable {
        case running, final
    }

    package var moment: Moment
    /// The transaction's number, as 1.6 names it.
    package var number: Int64
    /// The transaction's name, as 2.x names it.
    package var name: String?
    /// A decimal text with the currency's digits.
    package var cost: String
    package var at: Instant
    /// The register that the cost belongs to; nil if none was told.
    package var register: Energy?
    /// Whether idle time is priced now, not energy.
    package var isIdle: Bool
    /// Per kWh, a decimal text; nil if energy has no price now.
    package var energyPrice: String?
    /// Per hour, a decimal text; nil if idle time has no price now.
    package var idlePrice: String?
    /// A sentence for the display at the end.
    package var text: String
    /// Where the receipt is; the station shows it as a QR code.
    package var receiptURL: String?

    package init(
        _ moment: Moment, number: Int64, name: String?, cost: String, at: Instant, register: Energy?,
        isIdle: Bool, energyPrice: String? = nil, idlePrice: String? = nil, text: String = "",
        receiptURL: String? = nil
    ) {
        self.moment = moment
        self.number = number
        self.name = name
        self.cost = cost
        self.at = at
        self.register = register
        self.isIdle = isIdle
        self.energyPrice = energyPrice
        self.idlePrice = idlePrice
        self.text = text
        self.receiptURL = receiptURL
    }
}
