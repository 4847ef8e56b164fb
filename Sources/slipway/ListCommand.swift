import ArgumentParser
import Console
import Installation
import Product

/// `slipway list`: the installed products.
struct ListCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "Show the installed products.", discussion: "Example: slipway list --json")

  struct Document: Encodable {
    struct Product: Encodable {
      let product: String
      let version: String?
    }
    let schema = "slipway.list/1"
    let products: [Product]
  }

  @OptionGroup var options: Options

  func run() throws {
    let products = Layout.products(root: options.rootPath).map { id in
      let store = try? VersionStore(Layout(root: options.rootPath, product: id))
      return Document.Product(product: id.text, version: store?.version(.current)?.description)
    }
    if options.json { return try Output.document(Document(products: products)) }
    for product in products { Output.line("\(product.product) \(product.version ?? "(damaged)")") }
  }
}
