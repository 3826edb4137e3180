// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// The versions of the API's behaviour (api.md §1), named by the day on which they came.
package enum APIVersion {
    /// What new keys are made for.
    package static let current = "2026-12-01"
    /// What this release speaks, oldest first.
    package static let spoken = [current]
}

/// Whether an organisation moves real money. Never changes (api.md §2).
package enum OrganisationKind: String, Codable, Sendable, Hashable {
    case test, live
}

/// An address as it is printed.
package struct PostalAddress: Codable, Sendable, Hashable {
    /// Street and house number.
    package var street: String
    /// Postal code; some invoice profiles demand it.
    package var postalCode: String
    /// City.
    package var city: String
    /// ISO 3166-1 alpha-2.
    package var country: String

    package init(street: String, postalCode: String, city: String, country: String) {
        self.street = street
        self.postalCode = postalCode
        self.city = city
        self.country = country
    }
}

/// What an operator may change about holds, waiting times and trivial sessions (payments.md §6, decided.md).
package struct OrganisationPolicy: Codable, Sendable, Hashable {
    /// Hold for AC, for DC up to 150 kW, above; minimum, maximum and step: minor units.
    package var holdAC: Int64 = 25_00
    package var holdDC: Int64 = 40_00
    package var holdUltra: Int64 = 60_00
    package var holdMinimum: Int64 = 10_00
    package var holdMaximum: Int64 = 80_00
    package var holdStep: Int64 = 5_00
    /// Sessions below this are never charged.
    package var trivialEnergy = Energy(wattHours: 100)
    /// How long a session must be quiet before it is final: complete, incomplete, station offline.
    package var quiet = Elapsed.seconds(5)
    package var quietIncomplete = Elapsed.minutes(15)
    package var quietOffline = Elapsed.hours(24)
    /// How long a remote start may take before it has failed.
    package var startDeadline = Elapsed.seconds(90)
    /// How long a failed start may be tried again with the same hold.
    package var retryWindow = Elapsed.seconds(45)
    /// How long a station takes to stop after it was asked.
    package var stopLatency = Elapsed.seconds(10)
    /// How long a quote is good for.
    package var quoteValidity = Elapsed.minutes(15)
    /// How long a session may go on without energy after its start.
    package var withoutEnergy = Elapsed.minutes(15)
    /// How what is owed is collected; nil is as designed.
    package var collecting: CollectingPolicy?
    /// Addresses to which gateways' pages may send drivers back besides our own pages; nil for none.
    package var returnURLs: [String]?

    package init() {}
}

/// What a driver wants a session to end at besides its cost.
package struct SessionLimits: Codable, Sendable, Hashable {
    /// At most this much energy.
    package var energy: Energy?
    /// At most this long, from when the station began.
    package var duration: Elapsed?

    package init(energy: Energy? = nil, duration: Elapsed? = nil) {
        self.energy = energy
        self.duration = duration
    }

    /// Nil if there is none.
    package var ifAny: SessionLimits? { energy == nil && duration == nil ? nil : self }
}

/// Why a station was asked to stop a session.
package enum StopCause: String, Codable, Sendable, Hashable, CaseIterable {
    /// Somebody wanted it.
    case requested
    /// Its cost came close to what is reserved, which is the driver's own limit where there is one.
    case costLimit = "cost_limit"
    /// The driver's own limits.
    case energyLimit = "energy_limit"
    case durationLimit = "duration_limit"
    /// No money stands behind it any more.
    case unfunded
    /// Its hold runs out soon.
    case holdExpires = "hold_expires"
    /// It began after its start had been given up.
    case startedTooLate = "started_too_late"
    /// Its token may not charge.
    case notAllowed = "not_allowed"
    /// It has delivered nothing for too long.
    case withoutEnergy = "without_energy"
    /// Its station is to be reset.
    case reset
}

/// What an operator may change about raising holds, debts, wallets and invoices (payments.md §6, §7).
package struct CollectingPolicy: Codable, Sendable, Hashable {
    /// A failed start may be tried again so often, and so long after the first failure.
    package var retriesMost: Int64 = 3
    package var retriesWithin = Elapsed.minutes(10)
    /// What a hold is raised by at least, and what it is never raised above; minor units.
    package var raiseLeast: Int64 = 10_00
    package var raiseMaximum: Int64 = 120_00
    /// How often a hold is raised at most.
    package var raisesMost: Int64 = 8
    /// A remainder below this is given away; minor units.
    package var smallRemainder: Int64 = 50
    /// What a running session's part of a prepaid balance grows by; minor units.
    package var walletStep: Int64 = 10_00
    /// When an unpaid debt is given up.
    package var writeOffAfter = Elapsed.hours(180 * 24)
    /// How long a customer may take to pay an invoice, days.
    package var paymentTermDays: Int64 = 14
    /// Whether the tax of a lost dispute is taken back.
    package var disputeTaxRelief = false

    package init() {}
}

extension OrganisationPolicy {
    /// How what is owed is collected.
    package var collection: CollectingPolicy { collecting ?? CollectingPolicy() }
}

/// The site's rate of tax for each kind of bill line; nil means no tax is stated, which is not 0 %.
package struct SiteTaxes: Codable, Sendable, Hashable {
    package var energy: TaxRate?
    package var time: TaxRate?
    package var parking: TaxRate?
    package var flat: TaxRate?
    /// Whether the tariff's prices contain the tax.
    package var included: Bool
    /// The country of the tax accounts, ISO 3166-1 alpha-2.
    package var country: String

    package init(
        energy: TaxRate?, time: TaxRate?, parking: TaxRate?, flat: TaxRate?, included: Bool, country: String
    ) {
        self.energy = energy
        self.time = time
        self.parking = parking
        self.flat = flat
        self.included = included
        self.country = country
    }

    /// One rate for everything.
    package static func all(_ rate: TaxRate?, included: Bool, country: String) -> SiteTaxes {
        SiteTaxes(energy: rate, time: rate, parking: rate, flat: rate, included: included, country: country)
    }
}

/// Alternating or direct current.
package enum CurrentType: String, Codable, Sendable, Hashable {
    case ac, dc
}

/// A plug, in the words of OCPI's ConnectorType.
package struct ConnectorType: Codable, Sendable, Hashable {
    /// The connector's number at its EVSE, from 1.
    package var number: Int
    /// The standard, e.g. `IEC_62196_T2_COMBO`.
    package var standard: String

    package init(number: Int, standard: String) {
        self.number = number
        self.standard = standard
    }
}

/// Who an account is for.
package enum AccountKind: String, Codable, Sendable, Hashable {
    case personal, fleet
}

/// Where an account's money comes from.
package enum AccountFunding: String, Codable, Sendable, Hashable {
    case wallet, invoice
    case paymentMethod = "payment_method"
}

/// Whether an account or token may charge.
package enum AccountStatus: String, Codable, Sendable, Hashable {
    case active, blocked
}

/// What kind of token it is.
package enum TokenKind: String, Codable, Sendable, Hashable {
    /// A card with a UID.
    case rfid
    /// A driver's app.
    case app
    /// Made for one guest and one start, never used again (C27).
    case payment
}

/// What a credential may do (api.md §2).
package enum KeyScope: String, Codable, Sendable, Hashable {
    case `operator`, service
    case siteHost = "site_host"
    case readOnly = "read_only"
}

/// What a payment is for.
package enum PaymentPurpose: String, Codable, Sendable, Hashable {
    case session, debt
    case topUp = "top_up"
    /// Of nothing: a card is left for later.
    case setUp = "set_up"
}

/// Where a payment's money comes from (payments.md §2).
package enum FundingSource: String, Codable, Sendable, Hashable {
    /// A card or mobile wallet at a gateway.
    case card
    /// A prepaid balance.
    case wallet
    /// A payment terminal or partner: it happened elsewhere.
    case external
}

/// Where a bill's money comes from at the start (payments.md §2).
package enum BillSource: String, Codable, Sendable, Hashable {
    case card, wallet, invoice, external, free
    case paymentMethod = "payment_method"
}

/// Why money goes back.
package enum RefundKind: String, Codable, Sendable, Hashable {
    /// A session costs less than was taken; a credit note says so.
    case creditNote = "credit_note"
    /// It was taken and nobody owed it.
    case undue
    /// A prepaid balance that is not used any more.
    case payout
}

/// What somebody agreed to be charged later without being there (payments.md §11).
package struct Consent: Codable, Sendable, Hashable {
    /// The version of the text that was shown.
    package var textVersion: String
    /// No later charge exceeds this, minor units.
    package var maximumMinor: Int64
    package var at: Instant

    package init(textVersion: String, maximumMinor: Int64, at: Instant) {
        self.textVersion = textVersion
        self.maximumMinor = maximumMinor
        self.at = at
    }
}

/// How a wallet reloads by itself, minor units (payments.md §7).
package struct WalletReload: Codable, Sendable, Hashable {
    /// Below this much available it reloads.
    package var thresholdMinor: Int64
    package var amountMinor: Int64
    package var capPerDayMinor: Int64
    package var capPerMonthMinor: Int64
    /// The card that is charged; nil is the account's default.
    package var method: PaymentMethodID?

    package init(
        thresholdMinor: Int64 = 10_00, amountMinor: Int64 = 20_00, capPerDayMinor: Int64 = 60_00,
        capPerMonthMinor: Int64 = 200_00, method: PaymentMethodID? = nil
    ) {
        self.thresholdMinor = thresholdMinor
        self.amountMinor = amountMinor
        self.capPerDayMinor = capPerDayMinor
        self.capPerMonthMinor = capPerMonthMinor
        self.method = method
    }
}

/// A decline, with the sentence the driver sees.
package struct DeclineShown: Codable, Sendable, Hashable {
    package var code: String
    package var advice: String
    package var message: String

    package init(code: String, advice: String, message: String) {
        self.code = code
        self.advice = advice
        self.message = message
    }
}

/// Where a session stands (decided.md; `ended` is charging.md's provisional).
package enum SessionStatus: String, Codable, Sendable, Hashable, CaseIterable {
    case starting, running, ended, final
    case inReview = "in_review"
    case startFailed = "start_failed"
}

/// The running bill: the same rating as the final one, as if the session ended now. Never posted.
package struct LiveBill: Codable, Sendable, Hashable {
    /// What it costs so far, gross.
    package var cost: Money
    /// When a session must be stopped so that it never costs more than its hold; nil if it has no hold.
    package var stopsAt: Money?
    /// What is priced at this moment, e.g. `energy`, with its price text and unit.
    package var phaseKind: String?
    package var phasePrice: String?
    package var phaseUnit: String?
    /// When it was rated.
    package var ratedAt: Instant
    /// What the station was last told while it ran: when, and under which price.
    package var toldAt: Instant?
    package var toldPhase: String?
    /// What it was told after the stop.
    package var toldFinal: Money?

    package init(
        cost: Money, stopsAt: Money?, phaseKind: String?, phasePrice: String?, phaseUnit: String?,
        ratedAt: Instant
    ) {
        self.cost = cost
        self.stopsAt = stopsAt
        self.phaseKind = phaseKind
        self.phasePrice = phasePrice
        self.phaseUnit = phaseUnit
        self.ratedAt = ratedAt
    }
}
