// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// What a driver may wish for before paying, as it was typed: a form that comes back has lost nothing.
package struct OfferForm: Hashable, Sendable {
    /// A line to write in; the name is that of the form's field.
    package enum Field: String, CaseIterable, Hashable, Sendable {
        /// End at this cost.
        case limit
        /// End at this much energy.
        case energy
        /// Where the receipt goes.
        case email
    }

    /// What cannot be read.
    package enum Fault: Hashable, Sendable {
        /// It is no amount.
        case limitUnreadable
        /// It is less than anybody can charge for.
        case limitTooSmall(Money)
        /// It is no number of kilowatt-hours.
        case energyUnreadable
        /// It is no address.
        case emailUnreadable
    }

    /// What was written.
    package var texts: [Field: String] = [:]
    /// Whether the card may pay later what the reservation does not cover.
    package var hasConsented = false
    /// What is said beside the fields.
    package var faults: [Field: Fault] = [:]

    /// An empty form.
    package init() {}

    /// Whether the driver has wished for anything: then it is shown unfolded.
    private var isInUse: Bool { hasConsented || !faults.isEmpty || texts.contains { !$0.value.isEmpty } }
}

/// What a form can offer at a charging point.
package struct OfferChoices: Hashable, Sendable {
    /// What is reserved without a limit.
    package var hold: Money
    /// The most that a card pays later at once.
    package var consentMaximum: Money
    /// Whether receipts are mailed from here.
    package var takesMail: Bool

    /// What a form can offer.
    package init(hold: Money, consentMaximum: Money, takesMail: Bool) {
        self.hold = hold
        self.consentMaximum = consentMaximum
        self.takesMail = takesMail
    }

    /// Names the text beside the box in every language; whoever changes the text gives it a new name (payments.md §11).
    package static let consentVersion = "page-2026-12"
}

extension OfferForm {
    /// The form of what is offered.
    func gaps(_ choices: OfferChoices, _ shown: Shown) -> Gaps {
        let fields = Field.allCases.filter { $0 != .email || choices.takesMail }
        return [
            "isOpen": isInUse, "fields": fields.map { gaps(of: $0, choices, shown) },
            "consentVersion": OfferChoices.consentVersion, "isTicked": hasConsented,
            "consentText": shown.words(.consentText, ["maximum": shown.money(choices.consentMaximum)]),
        ]
    }

    private func gaps(of field: Field, _ choices: OfferChoices, _ shown: Shown) -> Gaps {
        let words = shown.words
        let (label, example) =
            switch field {
            case .limit:
                (words(.limitLabel, ["currency": choices.hold.currency.code]), shown.amount(choices.hold))
            case .energy: (words(.energyLabel), "20")
            case .email: (words(.emailLabel), "kim@example.org")
            }
        return [
            "name": field.rawValue, "label": label, "example": example,
            "type": field == .email ? "email" : "text", "mode": field == .email ? "email" : "decimal",
            "auto": field == .email ? "email" : "off",
            "value": texts[field] ?? false as Any,
            "fault": faults[field].map { fault -> Gaps in
                [
                    "id": field.rawValue + "-fault", "text": fault.text(shown),
                    "isFirst": field == Field.allCases.first { faults[$0] != nil },
                ]
            } ?? false as Any,
        ]
    }
}

extension OfferForm.Fault {
    fileprivate func text(_ shown: Shown) -> String {
        switch self {
        case .limitUnreadable: shown.words(.limitUnreadable)
        case .limitTooSmall(let minimum):
            shown.words(.limitTooSmall, ["minimum": shown.money(minimum)])
        case .energyUnreadable: shown.words(.energyUnreadable)
        case .emailUnreadable: shown.words(.emailUnreadable)
        }
    }
}
