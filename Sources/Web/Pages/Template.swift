// SPDX-License-Identifier: Apache-2.0

import Mustache

/// A page's text with its gaps. The texts are part of the binary; they are read once.
struct Template: Sendable {
    private let template: MustacheTemplate

    init(_ bytes: [UInt8]) {
        do {
            template = try MustacheTemplate(string: String(decoding: bytes, as: UTF8.self))
        } catch {
            preconditionFailure("a template of this release is broken: \(error)")
        }
    }

    /// Fills the gaps; everything but `{{{…}}}` is escaped.
    ///
    /// An empty text counts as absent, so that a section around it is left out.
    func render(_ model: [String: Any]) -> String {
        template.render(model.filter { ($0.value as? String) != "" })
    }

    static let layout = Template(PackageResources.layout_mustache)
    static let point = Template(PackageResources.point_mustache)
    static let track = Template(PackageResources.track_mustache)
    static let receipt = Template(PackageResources.receipt_mustache)
    static let message = Template(PackageResources.message_mustache)
    static let `operator` = Template(PackageResources.operator_mustache)
    static let login = Template(PackageResources.login_mustache)
}
