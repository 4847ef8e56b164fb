import ArgumentParser
import Console
import Installation
import Logging
import Posix
import Product
import ProductTOML
import Services
import SystemPackage
import Updating

/// What all verbs take.
struct Options: ParsableArguments {
  @Option(help: "Work below DIR instead of /.")
  var root: String = "/"

  @Option(
    help: "The product, where several are installed.",
    completion: .shellCommand("slipway list 2>/dev/null | cut -d ' ' -f 1"))
  var product: String?

  @Flag(help: "One JSON document on standard output.")
  var json = false

  func validate() throws {
    guard !root.isEmpty else { throw ValidationError("--root needs a folder.") }
  }

  var rootPath: FilePath { FilePathArgument.resolved(root) }

  /// The product asked for, or the only one installed.
  func layout() throws -> Layout {
    if let product { return Layout(root: rootPath, product: try ProductID(product)) }
    let products = Layout.products(root: rootPath)
    guard let only = products.first else {
      throw Failure(
        .notInstalled, name: "notInstalled", "no product is installed below \(rootPath)",
        remedy: "install one with its Setup file")
    }
    guard products.count == 1 else {
      throw Failure(
        .usage, name: "usage", "several products are installed: \(products.map(\.text).joined(separator: ", "))",
        remedy: "say which one: --product ID")
    }
    return Layout(root: rootPath, product: only)
  }

  /// The layout of a product that is installed.
  func installed() throws -> Layout {
    let layout = try layout()
    _ = try VersionStore(layout)
    return layout
  }

  /// - Parameters:
  ///   - writer: whose log it writes; the log then says which build was called, and how.
  ///   - actor: who is to be named in the history.
  func device(_ layout: Layout, writer: String? = nil, by actor: Actor = .slipway) throws -> Device {
    let log = Log.logger(layout, writer: writer)
    if writer != nil { log.debug("\(CommandLine.arguments.dropFirst().joined(separator: " ")) (build \(Build.own))") }
    var wishes = Configuration()
    var fault: Failure?
    do { wishes = try Configuration.load(layout) } catch {
      fault = Failure(error)
      if writer != nil { log.error("the configuration cannot be read: \(error)") }
    }
    var device = Device(
      layout: layout, platform: .host, configuration: wishes, configurationFault: fault,
      services: Self.controller(layout), clock: Host.clock, log: log, isRoot: Host.isRoot)
    device.configurationDigest = (try? Configuration.digest(layout)) ?? ""
    device.actor = actor
    return device
  }

  /// The installed product for the parts that change it: root's, with apply's log.
  func changer(by actor: Actor = .caller) throws -> Device {
    try requireRoot()
    return try device(try installed(), writer: "apply", by: actor)
  }

  /// systemd on the machine itself; below another root, or where there is none, whoever `slipway run` is.
  static func controller(_ layout: Layout) -> any ServiceController {
    let paths = UnitPaths(layout.product, root: layout.root)
    return layout.isHost && Host.hasSystemd ? Systemd() : Supervised(paths)
  }

  /// - Throws: `notElevated`, in the words that admins know.
  func requireRoot() throws {
    guard Host.isRoot || rootPath != "/" else { throw Host.notElevated }
  }
}
