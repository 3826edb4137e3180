// SPDX-License-Identifier: Apache-2.0

import Accounting
import Quantities
import Storage
import Tariffs

extension LiveBill {
    /// What is shown of a rated session: its cost and what is priced now.
    init(_ rated: Rated, quote: QuoteRecord, at now: Instant) {
        let part = rated.lines.flatMap(\.parts).max { ($0.to, $1.from) < ($1.to, $0.from) }
        let kind = part?.concerns
        self.init(
            cost: rated.gross, stopsAt: quote.stopsAt, phaseKind: kind?.shown,
            phasePrice: part?.unitPrice?.decimal,
            phaseUnit: kind.map { $0 == .energy ? "kWh" : $0 == .flat ? "session" : "h" }, ratedAt: now)
    }
}

extension LiveBill {
    /// Keeps what the station was told, whatever was rated since.
    mutating func remember(_ earlier: LiveBill?) {
        toldAt = earlier?.toldAt
        toldPhase = earlier?.toldPhase
        toldFinal = earlier?.toldFinal
    }
}

extension LineKind {
    /// The word of API, pages and ledger (decided.md, Line kinds).
    package var shown: String {
        switch self {
        case .parking: "idle"
        case .flat: "session"
        default: rawValue
        }
    }

    /// The income account of a kind that can earn.
    var income: IncomeKind {
        switch self {
        case .energy: .energy
        case .time: .time
        case .parking: .idle
        case .reservation, .reservationFlat: .reservation
        default: .session
        }
    }
}

extension SessionOwed {
    /// Step 6, Ledger: a rated session in the words of the books. Discounts and limits are spread over the kinds they
    /// change, in proportion (decided.md, Line kinds).
    init(_ rated: Rated, country: String, session: SessionID) {
        self.init(
            incomes: rated.incomeByKind.map { Income($0.kind.income, $0.net) },
            taxes: rated.taxes.map {
                Tax(country: country, rate: $0.rate ?? TaxRate(percent: 0), amount: $0.amount)
            },
            session: session)
    }
}
