// SPDX-License-Identifier: Apache-2.0
import Foundation
import Testing
import Web

/// The problem codes in docs/specs/errors.md against the code and the tests.
@Suite("The list of problem codes", .timeLimit(.minutes(1)))
struct APIErrorListTests {
    private static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent().deletingLastPathComponent()

    @Test("every code is listed with its status, its sentence and a test that exists")
    func list() throws {
        let text = try String(contentsOf: Self.root.appending(path: "docs/specs/errors.md"), encoding: .utf8)
        let rows = text.split(separator: "\n").drop { $0 != "## Problem codes" }.prefix {
            $0 != "## Declines"
        }
        .filter { $0.hasPrefix("| `") }
        .map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
        let names = try Self.names()

        #expect(
            rows.map { Array($0.prefix(3)) }
                == Problem.Code.allCases.map { ["`\($0.rawValue)`", String($0.status), $0.title] })
        for row in rows {
            let name = row[3].filter { !"“”".contains($0) }
            #expect(names.contains(name), "\(row[0]): no test is called “\(name)”")
        }
    }

    /// The names of the tests beside this one.
    private static func names() throws -> Set<String> {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        let files = try FileManager.default.contentsOfDirectory(at: folder, includingPropertiesForKeys: nil)
        var names: Set<String> = []
        for file in files where file.pathExtension == "swift" {
            let text = try String(contentsOf: file, encoding: .utf8)
            for match in text.matches(of: /@Test\(\s*"([^"]+)"/) { names.insert(String(match.1)) }
        }
        return names
    }
}
