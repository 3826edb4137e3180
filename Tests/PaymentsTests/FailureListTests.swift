// SPDX-License-Identifier: Apache-2.0

import Foundation
import Testing

/// The list of failure cases in docs/specs/payments.md against the tests that carry their ids.
@Suite("The list of failure cases")
struct FailureListTests {
    @Test(
        "every test that is listed exists and names its case, and every case that can happen has one")
    func list() throws {
        let listed = try Self.listed()
        let names = try Self.names()
        for (id, tests) in listed {
            for test in tests { #expect(names.contains(test), "\(id): no test is called “\(test)”") }
        }
        #expect(listed.keys.count == 66, "F1 to F66, each with a row")
        // Nothing sends mail yet.
        for number in 1...66 where number != 61 {
            #expect(listed["F\(number)"]?.isEmpty == false, "F\(number) has no test")
        }
        for (id, tests) in listed {
            for test in tests {
                #expect(
                    test.split { !$0.isLetter && !$0.isNumber }.contains { $0 == id },
                    "“\(test)” does not name \(id)")
            }
        }
    }

    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    /// The rows of the page: the id, and the names of its tests between quotation marks.
    private static func listed() throws -> [String: Set<String>] {
        let text = try String(contentsOf: root.appending(path: "docs/specs/payments.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").drop { $0 != "## Failure cases" }.filter {
            $0.hasPrefix("| F")
        }
        return Dictionary(
            uniqueKeysWithValues: rows.map { row in
                let id = String(row.dropFirst(2).prefix { $0 != " " })
                return (id, Set(row.matches(of: /“([^”]+)”/).map { String($0.1) }))
            })
    }

    /// The names of all tests.
    private static func names() throws -> Set<String> {
        var names: Set<String> = []
        let folder = root.appending(path: "Tests")
        let files = FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil)
        while let file = files?.nextObject() as? URL {
            guard file.pathExtension == "swift" else { continue }
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /@Test\(\s*"([^"]+)"/) { names.insert(String(match.1)) }
        }
        return names
    }
}
