// SPDX-License-Identifier: Apache-2.0

import Payments
import Quantities
import Storage
import Tariffs

extension Place {
    /// How much to reserve at this EVSE, and the margin at which a session is stopped (payments.md §6.1).
    ///
    /// - Parameters:
    ///   - usual: the tariff version's own hold, minor units; nil for the organisation's default by kind of EVSE.
    ///   - limit: the driver's own limit; it *is* the hold then.
    func hold(for tariff: Tariff, usual: Int64?, limit: Money?) throws -> Hold {
        let policy = organisation.policy
        if let limit, limit.minorUnits < min(policy.holdMinimum, limit.minorUnits.magnitude > 0 ? 100 : 1) {
            throw QuoteRefusal.limitTooSmall(minimum: Money(minorUnits: 100, currency: tariff.currency))
        }
        let bounds = Hold.Bounds(
            usual: usual ?? usualHold(policy), minimum: policy.holdMinimum, maximum: policy.holdMaximum,
            step: policy.holdStep)
        return Hold(exposure: exposure(to: tariff, policy), bounds: bounds, limit: limit)
    }

    private func usualHold(_ policy: OrganisationPolicy) -> Int64 {
        guard evse.currentType == .dc else { return policy.holdAC }
        return evse.powerMax <= Power(watts: 150_000) ? policy.holdDC : policy.holdUltra
    }

    /// The worst that can happen between a reading and the end of the energy: full power at the highest price.
    private func exposure(to tariff: Tariff, _ policy: OrganisationPolicy) -> Hold.Exposure {
        Hold.Exposure(
            powerMax: evse.powerMax, perKilowattHour: tariff.highestGross(.energy),
            perHour: max(tariff.highestGross(.time), tariff.highestGross(.parking)),
            blind: .seconds(station.meterIntervalSeconds) + policy.stopLatency, atEnd: .zero(tariff.currency))
    }
}

extension Tariff {
    /// The highest price of a dimension with its tax, rounded up.
    fileprivate func highestGross(_ dimension: TariffDimension) -> Rate {
        let prices = elements.flatMap(\.components).filter { $0.dimension == dimension }.map {
            component -> Rate in
            guard taxMode == .excluded, let tax = component.taxRate else { return component.price }
            let factor = Int128(TaxRate.denominator + tax.tenThousandthsOfPercent)
            let gross = divide(
                Int128(component.price.billionths) * factor, by: Int128(TaxRate.denominator), rounding: .up)
            return Rate(billionths: Int64(gross))
        }
        return prices.max() ?? .zero
    }
}
