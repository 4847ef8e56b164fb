import Product

extension Units {
  /// The socket and the service behind it that evaluate a proxy auto-configuration script: a process for each connection,
  /// under a user that is made for it. fetch cannot become another user itself, and may connect.
  ///
  /// A socket that starts a service for each connection (Accept=) names its template, so the product's name comes before
  /// the "@" here: each product still has files of its own.
  static func pac(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> [UnitFile] {
    [try pacSocket(product, paths), try pacService(product, paths)]
  }

  private static func pacSocket(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> UnitFile {
    var text = try UnitText(description: "\(product.name.text): asks for the evaluation of proxy scripts")
    text.section("Socket")
    try text.add("ListenStream", paths.pacSocket.string)
    try text.add("SocketUser", "root")
    try text.add("SocketGroup", UnitText.escapeSpecifiers(product.id.fetchUser))
    try text.add("SocketMode", "0660")
    try text.add("Accept", "yes")
    try text.add("MaxConnections", "8")
    try text.add("RemoveOnStop", "yes")
    return text.file(ProcessPlan.Unit.pacSocket(product.id), wantedBy: "sockets.target")
  }

  private static func pacService(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> UnitFile {
    var text = try UnitText(description: "\(product.name.text): evaluates a proxy script")
    // One that failed is gone as one that ended well; its connection says why.
    try text.add("CollectMode", "inactive-or-failed")
    text.section("Service")
    try text.add("ExecStart", UnitText.word(paths.updater.string) + " pac-evaluator")
    try text.add("StandardInput", "socket")
    try text.add("StandardOutput", "null")
    try text.add("StandardError", "journal")
    // As long as fetch may take, who asks.
    try text.add("RuntimeMaxSec", "4h")
    try text.add("SyslogIdentifier", "slipway-pac-\(product.id)")
    text.add(Sandbox.pac.unitLines)
    return text.file(ProcessPlan.Unit.pac(product.id))
  }
}
