// SPDX-License-Identifier: Apache-2.0

package import Billing
package import Quantities
import Storage

extension OfferForm {
    /// What came with the form.
    init(_ fields: Query) {
        for field in Field.allCases { texts[field] = (fields[field.rawValue] ?? "").trimmingBlanks }
        // Another text than the one of today was not agreed to.
        hasConsented = fields["consent"] == OfferChoices.consentVersion
    }

    /// Puts what can be read into a wish, and notes the faults of the rest.
    package mutating func fill(_ wish: inout OpenCheckout.Wish, in currency: Currency, takesMail: Bool) {
        faults = [:]
        if let text = written(.limit) {
            wish.limit = Money(typed: text, currency).flatMap { $0.isPositive ? $0 : nil }
            if wish.limit == nil { faults[.limit] = .limitUnreadable }
        }
        if let text = written(.energy) {
            wish.limits.energy = Energy(typedKilowattHours: text)
            if wish.limits.energy == nil { faults[.energy] = .energyUnreadable }
        }
        if takesMail, let text = written(.email) {
            wish.email = MailAddress(text)?.text
            if wish.email == nil { faults[.email] = .emailUnreadable }
        }
    }

    private func written(_ field: Field) -> String? { texts[field].flatMap { $0.isEmpty ? nil : $0 } }
}

extension Place {
    /// What a driver agrees to at most by the box on the page: the highest hold, as in the API.
    func consentMaximum(in currency: Currency) -> Money {
        Money(minorUnits: organisation.policy.collection.raiseMaximum, currency: currency)
    }
}

extension Energy {
    /// Kilowatt-hours as people type them: `20`, `12.5`, `12,5`; nil for anything else, and beyond what a session may be
    /// limited to: 0.001 to 10,000 kWh.
    fileprivate init?(typedKilowattHours text: String) {
        let decimal = text.replacing(",", with: ".")
        guard decimal.utf8.count <= 12, let wattHours = fixedPoint(decimal, scale: 3),
            (1...10_000_000).contains(wattHours)
        else { return nil }
        self.init(wattHours: wattHours)
    }
}
