// SPDX-License-Identifier: Apache-2.0

import Quantities
import Tariffs

/// One input of libFuzzer: a line of a batch, and the same bytes as a tariff, a session and a CDR of their own.
///
/// Whatever the bytes are, there must be an answer: a trap ends the run, and so does an input that takes too long.
/// `Scripts/fuzz-tariffs.sh` builds and runs it.
@_cdecl("LLVMFuzzerTestOneInput")
public func fuzzTariffs(_ start: UnsafePointer<UInt8>, _ count: Int) -> CInt {
    let bytes = Array(UnsafeBufferPointer(start: start, count: count))
    let command = PriceCommand { name, _ in name == "Mars/Base" ? nil : zone }
    _ = command.batchLine(bytes, number: 1)
    exercise(tariff: bytes, with: command)
    // A refusal is an answer.
    if let station = try? Tariff.decode(ocpp: bytes).tariff { _ = OCPPProjection().project(station).json }
    if let verification = try? PriceCommand(timeZone: "Europe/Berlin", zones: command.zones).verify(
        cdr: bytes)
    {
        _ = verification.contractJSON
        _ = verification.table()
    }
    if let priced = try? command.priced(tariff: Array(plain.utf8), session: bytes) {
        _ = priced.rated.timeline(in: priced.zone)
        _ = priced.rated.table()
    }
    return 0
}

/// A tariff for sessions that come alone.
private let plain = """
    {"currency": "EUR", "elements": [{"price_components": [{"type": "ENERGY", "price": "0.4"}, {"type": "TIME",
    "price": "6", "step_size": 60}, {"type": "PARKING_TIME", "price": "6", "grace_s": 300, "cap": "12"}]}]}
    """

/// Berlin with the nights on which its clocks change, so that skipped and repeated hours come up.
private let zone = ZoneRules(
    offsets: [
        .init(from: .epoch, seconds: 3600),
        .init(from: Instant(seconds: 1_774_746_000), seconds: 7200),
        .init(from: Instant(seconds: 1_792_890_000), seconds: 3600),
    ], name: "Europe/Berlin")

private func exercise(tariff bytes: [UInt8], with command: PriceCommand) {
    _ = Linter(.init(at: .epoch, zone: zone, power: Power(watts: 50_000))).findings(inOCPI: bytes)
    // What cannot be read has been refused; that is all that is asked.
    guard let tariff = try? Tariff.decode(ocpi: bytes).tariff else { return }
    guard let again = try? Tariff.decode(ocpi: tariff.canonicalJSON).tariff, again == tariff else {
        fatalError("the canonical form of a tariff is another tariff")
    }
    _ = tariff.displayPrices(at: .epoch, in: zone)
    _ = OCPPProjection(maximumPrices: 3).project(tariff).json
    for version in OCPIProjection.Version.allCases {
        let projected = OCPIProjection(to: version, zone: zone, evseKind: .dc).project(tariff)
        let isEmpty = projected.notes.contains { $0.path == "/elements" }
        guard isEmpty || (try? Tariff.decode(ocpi: projected.json)) != nil else {
            fatalError("a projection is no OCPI tariff")
        }
    }
}
