// SPDX-License-Identifier: Apache-2.0

/// A file that pages load; it is part of the binary.
package enum PageAsset: String, CaseIterable, Hashable, Sendable {
    /// The one style sheet.
    case style = "amptill.css"
    /// What makes a page live.
    case script = "live.js"
    /// What previews a tariff while somebody writes it.
    case editor = "editor.js"

    /// Its bytes.
    package var bytes: [UInt8] {
        switch self {
        case .style: PackageResources.amptill_css
        case .script: PackageResources.live_js
        case .editor: PackageResources.editor_js
        }
    }

    /// Its media type.
    package var mediaType: String {
        switch self {
        case .style: "text/css; charset=utf-8"
        case .script, .editor: "text/javascript; charset=utf-8"
        }
    }

    /// Changes with the content; part of the address, so that a browser may keep the file for good.
    package var version: String { Self.versions[self] ?? "0" }

    private static let versions = Dictionary(
        uniqueKeysWithValues: allCases.map { ($0, fingerprint(of: $0.bytes)) })

    /// FNV-1a over 64 bits: enough to notice a change, and no module of ours is needed for it.
    private static func fingerprint(of bytes: [UInt8]) -> String {
        let hash = bytes.reduce(0xcbf2_9ce4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01b3 }
        return String(hash, radix: 36)
    }
}
