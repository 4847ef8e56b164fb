import Bundles
import Console
import Cryptography
import Installation
import Posix
import Product
import SystemPackage
import TUF

/// The bundle that is to be installed, and the root that it is judged by.
struct OpenedBundle {
  /// How the handover names it.
  enum Place {
    case file(OpenFile, Range<Int64>)
    case folder(FilePath)
  }

  let source: any BundleSource
  let root: [UInt8]
  let place: Place

  /// The appended bundle, or the one that is named; its root must be the expected one where one is expected.
  init(_ command: SetupCommand) throws {
    if let bundle = command.bundle {
      guard let trusted = command.trustRoot else {
        throw Failure(
          .usage, name: "usage", "--bundle needs --trust-root FILE",
          remedy: "get root.json from the publisher by a way you trust, and name it")
      }
      let path = FilePathArgument.resolved(bundle)
      root = try Self.read(command.absolute(trusted), limit: 512_000)
      let file = OpenFile(try FileDescriptor.reading(path))
      let status = try file.descriptor.status(path.string)
      if status.kind == .directory {
        source = try FolderBundle(path)
        place = .folder(path)
      } else {
        source = try FileBundle(file, range: 0..<status.size, name: path.string)
        place = .file(file, 0..<status.size)
      }
    } else {
      // Opened once: what is verified and what is unpacked are the same open file, whatever happens to its name.
      let file = OpenFile(try FileDescriptor.reading("/proc/self/exe"))
      guard let setup = try SetupFile(file, name: "this Setup file") else {
        throw Failure(
          .usage, name: "usage", "this is the bare bootstrapper: it carries no bundle",
          remedy: "run a product's Setup file, or name --bundle and --trust-root")
      }
      root = setup.root
      source = setup.bundle
      place = .file(file, setup.bundleRange)
    }
    if let expected = command.expectRoot {
      let found = try sha256(root).hex
      guard expected.lowercased() == found else {
        throw Failure(
          .untrusted, name: "root", "the root of trust is \(found), not the expected \(expected.lowercased())",
          remedy: "get the Setup file from the publisher again, and compare with what they publish")
      }
    }
  }

  /// The one product that the bundle brings: a delegation of targets whose metadata is in it.
  func product(_ client: inout Client) async throws -> ProductID {
    let trusted = try await client.refresh()
    var found: [ProductID] = []
    for delegation in trusted.targets?.metadata.delegations?.roles ?? [] {
      guard let id = try? ProductID(delegation.name), let meta = try? trusted.snapshot?.metadata.meta(of: id.role)
      else {
        continue
      }
      if try await source.metadata(named: "\(meta.version).\(id.role).json", maximumLength: 5 << 20) != nil {
        found.append(id)
      }
    }
    guard let only = found.first, found.count == 1 else {
      throw BundleError(.malformed, "the bundle must bring exactly one product, and it brings \(found.count)")
    }
    return only
  }

  private static func read(_ path: FilePath, limit: Int) throws -> [UInt8] {
    guard
      let bytes = try Directory.open(path.removingLastComponent()).read(path.lastComponent?.string ?? "", limit: limit)
    else {
      throw Failure(.malformedInput, name: "root", "\(path): there is no such file", remedy: "name a root.json")
    }
    return bytes
  }
}
