import Product

extension Units {
  /// The socket and the service behind it that use the device's key in the TPM, for a product that has to do with one: a
  /// process for each connection. fetch may connect, and is served alone.
  static func signer(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> [UnitFile] {
    product.usesTPM ? [try signerSocket(product, paths), try signerService(product, paths)] : []
  }

  private static func signerSocket(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> UnitFile {
    var text = try UnitText(description: "\(product.name.text): asks for signatures by the device's key")
    text.section("Socket")
    try text.add("ListenStream", paths.signerSocket.string)
    try text.add("SocketUser", "root")
    try text.add("SocketGroup", UnitText.escapeSpecifiers(product.id.fetchUser))
    try text.add("SocketMode", "0660")
    try text.add("Accept", "yes")
    try text.add("MaxConnections", "\(SignerLimits.connections)")
    try text.add("RemoveOnStop", "yes")
    return text.file(ProcessPlan.Unit.signerSocket(product.id), wantedBy: "sockets.target")
  }

  private static func signerService(_ product: ProductManifest, _ paths: UnitPaths) throws(ServicesError) -> UnitFile {
    var text = try UnitText(description: "\(product.name.text): signs with the device's key")
    // One that failed is gone as one that ended well; its connection says why.
    try text.add("CollectMode", "inactive-or-failed")
    text.section("Service")
    try text.add("ExecStart", SignerLimits.command(paths).map(UnitText.word).joined(separator: " "))
    try text.add("StandardInput", "socket")
    try text.add("StandardOutput", "null")
    try text.add("StandardError", "journal")
    try text.add("RuntimeMaxSec", "\(SignerLimits.seconds)s")
    try text.add("SyslogIdentifier", "slipway-signer-\(product.id)")
    text.add(Sandbox.signer.unitLines)
    return text.file(ProcessPlan.Unit.signer(product.id))
  }
}

extension ProductManifest {
  /// Whether anything of this product may ask a TPM.
  public var usesTPM: Bool { prerequisites.tpm != .ignored }
}

/// What bounds a signer, under systemd and under `slipway run` alike.
enum SignerLimits {
  static let connections = 8
  /// A connection's process lasts no longer; the program ends itself after 60.
  static let seconds = 70

  static func command(_ paths: UnitPaths) -> [String] {
    [paths.updater.string, "tpm-signer", "--product", paths.id.text, "--user", paths.id.fetchUser]
  }
}
