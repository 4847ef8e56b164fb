import Installation
import Posix
import Product
import Services
import SystemPackage
import TUF

/// Asks an updater whether it works: it must read configuration and state, verify the trusted metadata, and answer with
/// the build id that its sealed tree manifest promises. An updater that crashes, hangs, or ends well having done nothing
/// does not.
public struct SelfTest: Sendable {
  public struct Answer: Codable, Sendable, Equatable {
    var schema = "slipway.selfTest/1"
    var product: String
    var build: String
    var rootVersion: Int
    /// The state's generation as the tested updater read it.
    var generation: UInt64
    /// What it has against the configuration; nil when it could read it.
    var configurationFault: String?
  }

  /// Seconds that an updater has for its answer.
  static let limit = 20.0

  let device: Device

  public init(_ device: Device) { self.device = device }

  /// - Returns: the build id that answered, and nil or what it did instead of answering.
  func ask(_ tree: FilePath) async throws -> (build: String?, fault: String?) {
    let executable = tree.appending("slipway/bin/slipway")
    let outcome: Command.Outcome
    do {
      outcome = try await Command.run(
        executable, ["self-test", "--root", device.layout.root.string, "--product", "\(device.layout.product)"],
        patience: Self.limit, outputLimit: 64 << 10)
    } catch let error as ServicesError {
      return (
        nil, error.code == .timedOut ? "did not answer its self-test within \(Int(Self.limit)) s" : "cannot be run"
      )
    } catch {
      return (nil, "cannot be run (\(error))")
    }
    guard outcome.status == 0 else {
      return (nil, "failed its self-test (\(outcome.status.map { "exit code \($0)" } ?? "killed by a signal"))")
    }
    let line = outcome.output.split(separator: 10).last.map(Array.init) ?? []
    guard let answer = try? JSON.decode(Answer.self, line), answer.product == device.layout.product.text else {
      return (nil, "ended its self-test without an answer")
    }
    let expected = try Build.id(of: executable)
    guard answer.build == expected else {
      return (answer.build, "answered as build \(answer.build), but \(expected) is installed")
    }
    if let fault = answer.configurationFault {
      // An admin's mistake, unless the updater that has proved itself can read it, now.
      let proven = device.layout.versions.appending(VersionStore.Link.proven.rawValue)
      if tree == proven { return (answer.build, "cannot read the configuration (\(fault))") }
      if try await ask(proven).fault == nil {
        return (answer.build, "cannot read the configuration, which the one before can (\(fault))")
      }
    }
    device.log.debug("\(tree.lastComponent?.string ?? ""): answered its self-test (build \(answer.build))")
    return (answer.build, nil)
  }

  /// This updater's own answer.
  public func answer() throws -> Answer {
    let trusted = try Client.load(from: TrustedStore(device.layout))
    let state = try StateFiles(device.layout).state()
    return Answer(
      product: device.layout.product.text, build: try Build.id(), rootVersion: trusted.root.version,
      generation: state?.generation ?? 0, configurationFault: device.configurationFault?.message)
  }
}
