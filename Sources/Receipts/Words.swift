// SPDX-License-Identifier: Apache-2.0

package import Quantities

/// Every word of a receipt in one language, and how that language writes numbers. A language is one value; a test looks
/// that none lacks a word.
package struct Words: Hashable, Sendable {
    /// BCP 47 tag.
    package var language: String
    package var decimalSeparator: String
    package var receipt, document, number, issued, taxPoint: String
    package var place, site, evse, connection: String
    package var session, sessionNumber, begin, end, stopReason, token: String
    package var chargingTime, idleTime, powerPeak: String
    package var meter, meterSerial, startReading, stopReading, energy: String
    package var what, quantity, unitPrice, amount: String
    package var net, total, pricesIncludeTax, pricesExcludeTax: String
    /// `{rate}` and `{base}` are filled in.
    package var taxOf, noTaxOf: String
    package var payment, method, reserved, captured, released: String
    package var promisedPrice, tariff, version, hash, rounding: String
    package var questions, readAgain, vatID: String
    package var creditNote, original, reason, refundedTo: String
    package var invoice, customer, name, address, period, payableBy, reference, sessionOn: String
    /// By the kind of line, as in the API.
    package var lines: [String: String]

    /// The name of a line; an unknown kind keeps its own word.
    package func lineName(_ kind: String) -> String { lines[kind] ?? kind }

    /// A decimal text, or a sum of them, with this language's separator; other points stay.
    package func decimal(_ text: String) -> String {
        guard decimalSeparator != "." else { return text }
        var result = ""
        var previous: Character = " "
        for (character, next) in zip(text, text.dropFirst() + " ") {
            let isSeparator = character == "." && previous.isWholeNumber && next.isWholeNumber
            result += isSeparator ? decimalSeparator : String(character)
            previous = character
        }
        return result
    }

    /// An amount with its currency's digits and code.
    package func money(_ amount: Money) -> String { "\(decimal(amount.decimal)) \(amount.currency.code)" }

    /// Kilowatt-hours with three decimals.
    package func number(_ energy: Energy) -> String { decimal(energy.kilowattHoursText) }

    /// Kilowatts without needless zeros.
    package func number(_ power: Power) -> String {
        decimal(fixedPointText(Int128(power.watts), scale: 3))
    }

    /// Hours, minutes and seconds, e.g. `0:42:13`.
    package func duration(_ elapsed: Elapsed) -> String {
        func two(_ number: Int64) -> String { number < 10 ? "0\(number)" : "\(number)" }
        let seconds = elapsed.seconds
        return "\(seconds / 3600):\(two(seconds / 60 % 60)):\(two(seconds % 60))"
    }

    /// The label of a sum of tax.
    package func tax(_ rate: TaxRate?, of base: Money) -> String {
        guard let rate else { return noTaxOf.filled("base", money(base)) }
        return taxOf.filled("rate", decimal(rate.percentText)).filled("base", money(base))
    }
}

extension Words {
    /// English.
    package static let english = Words(
        language: "en", decimalSeparator: ".", receipt: "Receipt", document: "Document", number: "Number",
        issued: "Issued", taxPoint: "Date of supply", place: "Place", site: "Site", evse: "Charging point",
        connection: "Connection", session: "Session", sessionNumber: "Session number", begin: "Start",
        end: "End", stopReason: "Stopped by", token: "Charging card", chargingTime: "Charging time",
        idleTime: "Occupied, not charging", powerPeak: "Highest power", meter: "Meter",
        meterSerial: "Meter number", startReading: "Reading at start", stopReading: "Reading at end",
        energy: "Energy", what: "What and why", quantity: "Quantity", unitPrice: "Price", amount: "Amount",
        net: "Net", total: "Total", pricesIncludeTax: "prices include tax",
        pricesExcludeTax: "prices exclude tax", taxOf: "{rate} % tax on {base}",
        noTaxOf: "no tax stated on {base}", payment: "Payment", method: "Paid with", reserved: "Reserved",
        captured: "Charged", released: "Released", promisedPrice: "Price as shown before the start",
        tariff: "Tariff", version: "Version", hash: "Fingerprint", rounding: "Rounding rule",
        questions: "Questions?", readAgain: "Read this receipt again:", vatID: "VAT number",
        creditNote: "Credit note", original: "For receipt", reason: "Reason", refundedTo: "Paid back to",
        invoice: "Invoice", customer: "Customer", name: "Name", address: "Address", period: "Period",
        payableBy: "Payable by", reference: "Payment reference", sessionOn: "Charged on",
        lines: [
            "energy": "Energy", "time": "Time", "idle": "Occupied without charging", "session": "Session fee",
            "reservation": "Reservation", "reservation_flat": "Reservation fee",
            "percentage_fee": "Percentage fee", "discount": "Discount", "component_cap": "Cap",
            "component_floor": "Minimum", "min_price": "Minimum price", "max_price": "Maximum price",
            "counter_cap": "Cap over several sessions",
        ])

    /// German.
    package static let german = Words(
        language: "de", decimalSeparator: ",", receipt: "Beleg", document: "Dokument", number: "Nummer",
        issued: "Ausgestellt", taxPoint: "Leistungsdatum", place: "Ort", site: "Standort", evse: "Ladepunkt",
        connection: "Anschluss", session: "Ladevorgang", sessionNumber: "Vorgangsnummer", begin: "Beginn",
        end: "Ende", stopReason: "Beendet durch", token: "Ladekarte", chargingTime: "Ladezeit",
        idleTime: "Belegt, ohne zu laden", powerPeak: "Höchste Leistung", meter: "Zähler",
        meterSerial: "Zählernummer", startReading: "Stand bei Beginn", stopReading: "Stand bei Ende",
        energy: "Energie", what: "Was und warum", quantity: "Menge", unitPrice: "Preis", amount: "Betrag",
        net: "Netto", total: "Gesamt", pricesIncludeTax: "Preise inkl. MwSt.",
        pricesExcludeTax: "Preise zzgl. MwSt.", taxOf: "{rate} % MwSt. auf {base}",
        noTaxOf: "keine MwSt. ausgewiesen auf {base}", payment: "Zahlung", method: "Bezahlt mit",
        reserved: "Reserviert", captured: "Abgebucht", released: "Freigegeben",
        promisedPrice: "Preis wie vor dem Start gezeigt", tariff: "Tarif", version: "Fassung",
        hash: "Fingerabdruck", rounding: "Rundungsregel", questions: "Fragen?",
        readAgain: "Diesen Beleg wieder lesen:", vatID: "USt-IdNr.",
        creditNote: "Gutschrift", original: "Zum Beleg", reason: "Grund", refundedTo: "Erstattet auf",
        invoice: "Rechnung", customer: "Kunde", name: "Name", address: "Anschrift", period: "Zeitraum",
        payableBy: "Zahlbar bis", reference: "Verwendungszweck", sessionOn: "Geladen am",
        lines: [
            "energy": "Energie", "time": "Zeit", "idle": "Belegt, ohne zu laden", "session": "Startgebühr",
            "reservation": "Reservierung", "reservation_flat": "Reservierungsgebühr",
            "percentage_fee": "Prozentuale Gebühr", "discount": "Rabatt", "component_cap": "Höchstbetrag",
            "component_floor": "Mindestbetrag", "min_price": "Mindestpreis", "max_price": "Höchstpreis",
            "counter_cap": "Höchstbetrag über mehrere Ladevorgänge",
        ])

    /// Every language there is.
    package static let all = [english, german]
}

extension String {
    /// The text with `{name}` replaced.
    fileprivate func filled(_ name: String, _ value: String) -> String {
        split(separator: "{\(name)}", omittingEmptySubsequences: false).joined(separator: value)
    }
}
