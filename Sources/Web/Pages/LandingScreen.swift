// SPDX-License-Identifier: Apache-2.0

/// The front door: type a code, or open the console.
package struct LandingScreen: Sendable {
    /// What surrounds it.
    package var frame: PageFrame
    /// Points to try, for an organisation of kind `test`.
    package var points: [(code: String, name: String, state: PointState)]

    /// The front door.
    package init(frame: PageFrame, points: [(code: String, name: String, state: PointState)] = []) {
        self.frame = frame
        self.points = points
    }

    /// The page.
    package func html(_ shown: Shown) -> String {
        let words = shown.words
        let items = points.map { point -> Gaps in
            let (status, tone) = point.state.shown(shown)
            return [
                "code": point.code, "name": point.name, "status": status, "tone": tone.rawValue,
                "url": SiteURL.point(code: point.code).path,
            ]
        }
        let gaps: Gaps = [
            "w": words.all, "search": SiteURL.pointSearch.path, "console": SiteURL.console.path,
            "points": items.isEmpty ? nil : ["items": items] as Gaps,
        ]
        let head = PageHead(title: words(.landingTitle), address: .landing)
        return frame.page(head, Template.landing.render(gaps.values), shown)
    }
}
