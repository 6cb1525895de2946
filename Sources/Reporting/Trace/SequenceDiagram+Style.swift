/// Colours and shapes of sequence diagrams.
extension SequenceDiagram {
    private static let kinds = ["message", "client", "alive"]

    /// The heads of arrows, one for each kind: a head cannot take the colour of its line.
    static let heads = kinds.map { kind in
        """
        <marker id="\(kind)-head" viewBox="0 0 10 10" refX="9" refY="5" markerWidth="7" \
        markerHeight="7" orient="auto"><path class="\(kind)-head" d="M0 1L10 5L0 9z"/></marker>
        """
    }.joined()

    static let style = """
        text{font:11px ui-sans-serif,system-ui,"Segoe UI","DejaVu Sans",sans-serif}
        .title{font-size:15px;font-weight:bold}.name{font-weight:bold}.event{font-style:italic}
        .alarm{font-weight:bold}
        .says,.event,.alarm{paint-order:stroke;stroke-width:3px;stroke-linejoin:round}
        line,path{fill:none;stroke-width:1.3}.waited{stroke-dasharray:5 3}
        .rule{stroke-dasharray:2 4}.lost,.held{stroke-width:2}
        \(colours(light))
        @media (prefers-color-scheme:dark){\(colours(dark))}
        """

    private struct Palette {
        var ground, ink, dim, life, message, client, alive, lost, held, fault, event: String
    }

    private static let light = Palette(
        ground: "#ffffff", ink: "#1f2328", dim: "#656d76", life: "#c8ced5", message: "#0969da",
        client: "#1a7f37", alive: "#afb8c1", lost: "#cf222e", held: "#bc4c00", fault: "#cf222e",
        event: "#8250df")
    private static let dark = Palette(
        ground: "#161b22", ink: "#e6edf3", dim: "#8d96a0", life: "#3d444d", message: "#58a6ff",
        client: "#3fb950", alive: "#57606a", lost: "#ff7b72", held: "#ffa657", fault: "#f85149",
        event: "#d2a8ff")

    private static func colours(_ palette: Palette) -> String {
        var rules = """
            .ground{fill:\(palette.ground)}.title,.name,.says{fill:\(palette.ink)}\
            .dim{fill:\(palette.dim)}.says,.event,.alarm{stroke:\(palette.ground)}\
            .event{fill:\(palette.event)}.alarm{fill:\(palette.lost)}\
            .mark{fill:\(palette.event)}.rule{stroke:\(palette.event)}\
            .strike{stroke:\(palette.lost)}.life{stroke:\(palette.life)}\
            .fault{fill:\(palette.fault);fill-opacity:0.16}\
            .lost{stroke:\(palette.lost)}.held{stroke:\(palette.held)}
            """
        let colours = [palette.message, palette.client, palette.alive]
        for (kind, colour) in zip(kinds, colours) {
            rules += ".\(kind){stroke:\(colour)}.\(kind)-head{fill:\(colour);stroke:none}"
        }
        return rules
    }
}
