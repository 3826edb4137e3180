// SPDX-License-Identifier: Apache-2.0

import Foundation
import JSONText
import Quantities
import Tariffs
import Testing

/// One file of `Fixtures/vectors`: a situation of the OCPI documentation (S) or a hard case of one rule (H).
struct Vector: CustomTestStringConvertible, Sendable {
    let id: String
    let document: JSON

    var testDescription: String { "\(id): \(document["title"]?.string ?? "")" }

    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(
        path: "Fixtures/vectors")

    /// Every file of the folder.
    static let all: [Vector] = {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder.path())
                .filter { $0.hasSuffix(".json") }.sorted()
                .map { name in
                    let bytes = [UInt8](try Data(contentsOf: folder.appending(path: name)))
                    return Vector(id: String(name.dropLast(5)), document: try JSON.parse(bytes))
                }
        } catch {
            return []
        }
    }()

    func bytes(_ key: String) -> [UInt8] { document[key]?.serialized() ?? [] }
    func expected(_ key: String) -> String { document["expected"]?[key]?.string ?? "" }
}

@Suite("Vectors")
struct VectorTests {
    @Test("there are all forty-five vectors")
    func allFilesAreThere() {
        #expect(Vector.all.count == 45)
    }

    @Test("a vector's exact totals are those that it expects", arguments: Vector.all)
    func exactTotals(_ vector: Vector) throws {
        let rated = try PriceCommand(zones: Zones.lookup)
            .price(tariff: vector.bytes("tariff"), session: vector.bytes("session"))

        #expect(rated.exact.beforeTax == fraction(vector.expected("before_tax")))
        #expect(rated.exact.afterTax == fraction(vector.expected("after_tax")))
        expectConsistent(rated)
    }

    @Test("a tariff decoded from its canonical form is the same tariff", arguments: Vector.all)
    func canonicalForm(_ vector: Vector) throws {
        let (tariff, _) = try Tariff.decode(ocpi: vector.bytes("tariff"))

        let (again, _) = try Tariff.decode(ocpi: tariff.canonicalJSON)

        #expect(again == tariff)
        #expect(again.canonicalJSON == tariff.canonicalJSON)
    }
}
