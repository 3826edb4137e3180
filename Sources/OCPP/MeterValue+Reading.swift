// SPDX-License-Identifier: Apache-2.0
import JSONText

extension PayloadReader {
    /// The meter values of a list, in its order.
    mutating func meterValues(
        _ key: String, _ fields: inout Fields, _ presence: Presence = .optional
    ) -> [MeterValue] {
        var values: [MeterValue] = []
        for var entry in objects(key, &fields, presence) {
            let timestamp = timestamp("timestamp", &entry, .required)
            var samples: [Sample] = []
            for var sample in objects("sampledValue", &entry, .required) {
                if let read = self.sample(&sample) { samples.append(read) }
                finish(sample)
            }
            finish(entry)
            values.append(MeterValue(timestamp: timestamp, samples: samples))
        }
        return values
    }

    private mutating func sample(_ fields: inout Fields) -> Sample? {
        let context = word("context", &fields, among: SampleWords.contexts) ?? "Sample.Periodic"
        let measurand =
            word("measurand", &fields, among: SampleWords.measurands) ?? SampleWords.importRegister
        let phase = word("phase", &fields, among: SampleWords.phases)
        let location = word("location", &fields, among: SampleWords.locations) ?? "Outlet"
        let (unit, multiplier) = self.unit(&fields, of: measurand)
        let signed = version == .v16 ? signed16(&fields) : signed2(&fields)
        let digits: String?
        if version == .v16, signed != nil {
            digits = nil
        } else {
            digits = self.digits(&fields)
            if digits == nil, signed == nil { return nil }
        }
        let sample = Sample(
            digits: digits, context: context, measurand: measurand, phase: phase, location: location,
            unit: unit,
            multiplier: multiplier, signed: signed)
        return checked(sample, at: fields.place)
    }

    /// A sample of energy in a unit that we do not know is worth nothing (charging.md §6.3).
    private mutating func checked(_ sample: Sample, at place: Place) -> Sample? {
        let isEnergy = SampleWords.isActiveEnergy(sample.measurand)
        guard isEnergy, sample.digits != nil else { return sample }
        guard sample.milliwattHours != nil else {
            note(
                .dropped, at: place.pointer,
                "an energy of '\(sample.unit.prefix(20))' that cannot be read; passed over")
            return sample.signed == nil ? nil : sample.withoutDigits
        }
        if sample.losesEnergyDigits {
            note(.note, at: place.pointer, "digits below a milliwatt-hour are cut")
        }
        return sample
    }

    /// The number of a sample, as decimal text without blanks.
    private mutating func digits(_ fields: inout Fields) -> String? {
        guard let (value, _) = fields.take("value") else {
            note(
                .missing, at: fields.path("value"), violation: .occurrence,
                "a sample without a value; passed over")
            return nil
        }
        let text: String
        switch (version, value) {
        case (_, .number(let digits)):
            if version == .v16 { note(.note, at: fields.path("value"), "a number instead of text") }
            text = digits
        case (_, .string(let string)):
            if version != .v16 {
                note(.note, at: fields.path("value"), violation: .type, "text instead of a number")
            }
            text = Self.trimmed(string)
            if text != string { note(.note, at: fields.path("value"), "blanks around a value") }
        default: text = ""
        }
        guard !text.isEmpty, text.utf8.count <= Self.numberCharacters,
            DecimalDigits.fixedPointTowardZero(text, scale: 0) != nil
        else {
            note(
                .dropped, at: fields.path("value"), violation: .type,
                "a value that is no number; the sample is passed over")
            return nil
        }
        return text
    }

    private mutating func unit(_ fields: inout Fields, of measurand: String) -> (String, Int) {
        let usual = SampleWords.usualUnit(of: measurand)
        if version == .v16 {
            return (word("unit", &fields, among: SampleWords.units) ?? usual, 0)
        }
        guard var measure = object("unitOfMeasure", &fields) else { return (usual, 0) }
        let unit = word("unit", &measure, among: SampleWords.units) ?? usual
        let multiplier = integer("multiplier", &measure) ?? 0
        finish(measure)
        guard (-24...24).contains(multiplier) else {
            // No such quantity exists; an empty unit makes the sample unreadable.
            note(.dropped, at: fields.place.pointer, "a multiplier of \(multiplier); passed over")
            return ("", 0)
        }
        return (unit, Int(multiplier))
    }

    /// 1.6: `format: SignedData` makes the value itself the record (1.6 §7.47).
    private mutating func signed16(_ fields: inout Fields) -> SignedSample? {
        guard word("format", &fields, among: ["Raw", "SignedData"]) == "SignedData",
            let record = text("value", &fields, .required)
        else { return nil }
        return SignedSample(record: record, signingMethod: nil, encodingMethod: nil, publicKey: nil)
    }

    private mutating func signed2(_ fields: inout Fields) -> SignedSample? {
        guard var signed = object("signedMeterValue", &fields) else { return nil }
        let record = text("signedMeterData", &signed, .required)
        let signingMethod = text("signingMethod", &signed)
        let encodingMethod = text("encodingMethod", &signed)
        let publicKey = text("publicKey", &signed)
        finish(signed)
        guard let record else { return nil }
        return SignedSample(
            record: record, signingMethod: signingMethod, encodingMethod: encodingMethod, publicKey: publicKey
        )
    }
}

extension Sample {
    /// The signed record alone.
    fileprivate var withoutDigits: Sample {
        Sample(
            digits: nil, context: context, measurand: measurand, phase: phase, location: location, unit: unit,
            multiplier: multiplier, signed: signed)
    }
}

/// The enumerations of sampled values. 2.x knows more measurands; whatever is missing here is kept as text.
enum SampleWords {
    static let importRegister = "Energy.Active.Import.Register"
    static let contexts = [
        "Interruption.Begin", "Interruption.End", "Sample.Clock", "Sample.Periodic", "Transaction.Begin",
        "Transaction.End", "Trigger", "Other",
    ]
    static let phases = [
        "L1", "L2", "L3", "N", "L1-N", "L2-N", "L3-N", "L1-L2", "L2-L3", "L3-L1",
    ]
    static let locations = ["Outlet", "Inlet", "Body", "Cable", "EV", "Upstream"]
    static let units = [
        "Wh", "kWh", "MWh", "varh", "kvarh", "W", "kW", "MW", "VA", "kVA", "var", "kvar", "A", "mA", "V", "K",
        "Celsius", "Fahrenheit", "Percent", "Hertz",
    ]
    static let measurands =
        [
            importRegister, "Energy.Active.Export.Register", "Energy.Reactive.Import.Register",
            "Energy.Reactive.Export.Register", "Energy.Active.Import.Interval",
            "Energy.Active.Export.Interval",
            "Energy.Reactive.Import.Interval", "Energy.Reactive.Export.Interval", "Energy.Active.Net",
            "Energy.Reactive.Net", "Energy.Apparent.Net", "Energy.Apparent.Import", "Energy.Apparent.Export",
            "Power.Active.Import", "Power.Active.Export", "Power.Offered", "Power.Reactive.Import",
            "Power.Reactive.Export", "Power.Factor", "Power.Import.Offered", "Power.Export.Offered",
            "Current.Import", "Current.Export", "Current.Offered", "Current.Import.Offered",
            "Current.Export.Offered", "Voltage", "Frequency", "Temperature", "SoC", "RPM",
            "Display.PresentSOC",
        ]

    static func isActiveEnergy(_ measurand: String) -> Bool {
        measurand.hasPrefix("Energy.Active.")
    }

    /// The unit that is meant when none is told (1.6 §7.43, P2 UnitOfMeasureType).
    static func usualUnit(of measurand: String) -> String {
        if measurand.hasPrefix("Power.Active") || measurand == "Power.Offered" { return "W" }
        if measurand.hasPrefix("Current.") { return "A" }
        if measurand == "Voltage" { return "V" }
        if measurand == "SoC" || measurand == "Display.PresentSOC" { return "Percent" }
        return "Wh"
    }
}
