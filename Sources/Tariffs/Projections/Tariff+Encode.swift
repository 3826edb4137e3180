// SPDX-License-Identifier: Apache-2.0

import Digests
package import JSONText
import Quantities

extension Tariff {
    /// The tariff as bytes that decode to an equal value: what a quote freezes, and what is hashed.
    ///
    /// OCPI 2.3.0 shape with `tax_included` always present, prices as decimal texts, keys sorted, no blanks.
    public var canonicalJSON: [UInt8] { canonicalDocument.serialized(sortedKeys: true) }

    /// `sha256:` and 64 hexadecimal digits of the canonical form. Different content never has the same hash.
    public var contentHash: String { "sha256:" + SHA256Digest.hex(of: canonicalJSON) }

    /// The document behind `canonicalJSON`.
    package var canonicalDocument: JSON {
        .present([
            "country_code": particulars.countryCode.map(JSON.string),
            "party_id": particulars.partyID.map(JSON.string),
            "id": .string(id),
            "currency": .string(currency.code),
            "type": particulars.kind.map { .string($0.rawValue) },
            "tariff_alt_text": particulars.texts.isEmpty ? nil : .array(particulars.texts.map(\.json)),
            "tariff_alt_url": particulars.url.map(JSON.string),
            "min_price": minimum?.json,
            "max_price": maximum?.json,
            "preauthorize_amount": particulars.preauthorization?.json,
            "tax_included": .string(taxMode.rawValue),
            "elements": .array(elements.map(\.json)),
            "start_date_time": validFrom.map { .string($0.shortISO8601) },
            "end_date_time": validUntil.map { .string($0.shortISO8601) },
            "energy_mix": particulars.energyMix,
            "rules": rules.isPlain ? nil : rules.json,
            "last_updated": particulars.lastUpdated.map { .string($0.shortISO8601) },
        ])
    }
}

extension Tariff.Text {
    fileprivate var json: JSON { ["language": .string(language), "text": .string(text)] }
}

extension Tariff.Limit {
    fileprivate var json: JSON { .present(["before_taxes": net.json, "after_taxes": gross?.json]) }
}

extension Rate {
    /// The decimal text.
    var json: JSON { .string(decimal) }
}

extension TariffElement {
    fileprivate var json: JSON {
        .present(["price_components": .array(components.map(\.json)), "restrictions": restriction?.json])
    }
}

extension PriceComponent {
    fileprivate var json: JSON {
        .present([
            "type": .string(dimension.rawValue), "price": price.json,
            "vat": taxRate.map { .string($0.percentText) },
            "step_size": stepSize.map { JSON($0) }, "grace_s": graceSeconds.map { JSON($0) },
            "cap": cap?.json,
            "floor": floor?.json,
            "free_quantity": freeQuantity.map { JSON($0) },
            "schedule": source?.scheduleJSON, "index": source?.indexJSON,
            "discounts": discounts.isEmpty ? nil : .array(discounts.map(\.json)),
            "further_taxes": furtherTaxes.isEmpty ? nil : .array(furtherTaxes.map(\.json)),
        ])
    }
}

extension Restriction {
    fileprivate var json: JSON {
        .object((ownJSON.object ?? []) + (extensionsJSON.object ?? []))
    }

    private var ownJSON: JSON {
        .present([
            "start_time": startTime.map { .string($0.description) },
            "end_time": endTime.map { .string($0.description) },
            "start_date": startDate.map { .string($0.description) },
            "end_date": endDate.map { .string($0.description) },
            "min_kwh": millionths(minEnergy?.milliwattHours),
            "max_kwh": millionths(maxEnergy?.milliwattHours),
            "min_current": millionths(minCurrent?.microamperes),
            "max_current": millionths(maxCurrent?.microamperes),
            "min_power": millionths(minPower?.milliwatts), "max_power": millionths(maxPower?.milliwatts),
            "min_duration": minDurationSeconds.map { JSON($0) },
            "max_duration": maxDurationSeconds.map { JSON($0) },
            "day_of_week": weekdays.map { .array($0.map { .string($0.rawValue) }) },
            "reservation": reservation.map { .string($0.rawValue) },
        ])
    }

    /// Millionths as a decimal text.
    func millionths(_ value: Int64?) -> JSON? {
        value.map { .string(fixedPointText(Int128($0), scale: 6)) }
    }
}
