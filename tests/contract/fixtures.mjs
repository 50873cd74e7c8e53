// For each operation that needs it: what must be there before it can succeed, and what a request to it then says.
// An operation without a line here is asked with a body made from its schema.
//
// A fixture answers {path, query, body, headers, by, alsoNeeds}: body is laid over the sample of the schema; by is a
// token; alsoNeeds names members that a request needs though the schema does not require them.
import { createHmac } from 'node:crypto';

import { unique } from './samples.mjs';

export class World {
  constructor({ url, staffToken, webhookSecret }) {
    Object.assign(this, { url, staff: staffToken, webhookSecret });
  }

  async call(method, path, body, token) {
    const headers = { Accept: 'application/json' };
    if (body !== undefined) headers['Content-Type'] = 'application/json';
    if (token) headers.Authorization = `Bearer ${token}`;
    const answer = await fetch(`${this.url}/api/v1/${path}`, { method, headers, body: body && JSON.stringify(body) });
    const text = await answer.text();
    if (!answer.ok) throw new Error(`${method} ${path} answered ${answer.status} while preparing: ${text}`);
    return text ? JSON.parse(text) : undefined;
  }

  make(path, body) {
    return this.call('POST', path, body, this.staff);
  }

  async user() {
    const email = `${unique('customer')}@example.com`, password = unique('secret words');
    await this.call('POST', 'auth/users/', { email, password, first_name: 'Tirunesh', last_name: 'Dibaba' });
    const tokens = await this.call('POST', 'auth/jwt/create/', { email, password });
    return { email, password, ...tokens };
  }

  brand() {
    return this.make('catalogue/brands/', { name: unique('Brand') });
  }
  category() {
    return this.make('catalogue/categories/', { name: unique('Category') });
  }
  attribute() {
    return this.make('catalogue/attributes/', { name: unique('Attribute'), values: ['Red', 'Blue'] });
  }
  product(more = {}) {
    return this.make('catalogue/products/', { name: unique('Product'), base_price: '125.00', currency: 'ETB', ...more });
  }
  async variant(stock = 50) {
    const product = await this.product({ variants: [{ sku: unique('SKU'), stock }] });
    return { product, variant: product.variants[0] };
  }

  // Not active: orders would have to choose it.
  shippingMethod() {
    return this.make('pricing/shipping-methods/', { name: unique('Courier'), currency: 'ETB', price: '80.00', is_active: false });
  }
  async taxRate() {
    return this.make('pricing/tax-rates/', { name: 'Reduced', country: 'ET', percentage: '2', category: (await this.category()).id });
  }
  promotion() {
    return this.make('pricing/promotions/', { name: 'Welcome', code: unique('CODE'), kind: 'percentage', percentage: '10' });
  }

  async cart(token) {
    const { variant } = await this.variant();
    const cart = await this.call('POST', 'cart/', {}, token);
    const item = await this.call('POST', `cart/${cart.id}/items/`, { variant_id: variant.id, quantity: 2 }, token);
    return { cart, item, variant };
  }
  async order() {
    const { cart } = await this.cart();
    return this.call('POST', 'orders/', { cart_id: cart.id, email: `${unique('guest')}@example.com`, shipping_address: address });
  }
  async payment() {
    const order = await this.order();
    return { order, ...(await this.call('POST', `payment/initiate/${order.id}/`)) };
  }
  async paidOrder() {
    const { order, payment_url: page, tx_ref: reference } = await this.payment();
    const form = new URLSearchParams({ mobile: '0900123456', action: 'pay' });
    await fetch(page, { method: 'POST', body: form, redirect: 'manual' });
    const { status } = await this.call('GET', `payment/verify/${reference}/`);
    if (status !== 'success') throw new Error(`a paid payment is ${status}`);
    return { ...order, tx_ref: reference };
  }
}

const address = {
  full_name: 'Abebe Bikila', line1: 'Bole Road 12', city: 'Addis Ababa', country: 'ET', phone_number: '0911121314',
};

const of = (entity) => async (w) => ({ path: { id: (await w[entity]()).id } });
const signedWebhook = (w, message) => {
  const body = JSON.stringify(message);
  return { raw: body, headers: { 'x-chapa-signature': createHmac('sha256', w.webhookSecret).update(body).digest('hex') } };
};

const withoutPricing = { shipping_method_id: undefined, promotion_codes: [] };

export const fixtures = {
  register_user: async () => ({ body: { phone_number: '+251911121314' } }),
  sign_in: async (w) => {
    const { email, password } = await w.user();
    return { body: { email, password } };
  },
  refresh_tokens: async (w) => ({ body: { refresh: (await w.user()).refresh } }),
  verify_token: async (w) => ({ body: { token: (await w.user()).access } }),
  sign_out: async (w) => ({ body: { refresh: (await w.user()).refresh } }),
  update_me: async () => ({ body: { phone_number: '+251911121314' } }),
  set_password: async (w) => {
    const { access, password } = await w.user();
    return { by: access, body: { current_password: password } };
  },

  read_brand: of('brand'),
  update_brand: of('brand'),
  delete_brand: of('brand'),
  create_category: async (w) => ({ body: { parent: (await w.category()).id } }),
  read_category: of('category'),
  update_category: async (w) => ({ path: { id: (await w.category()).id }, body: { parent: (await w.category()).id } }),
  delete_category: of('category'),
  create_attribute: async () => ({ body: { values: [unique('value'), unique('value')] } }),
  read_attribute: of('attribute'),
  update_attribute: of('attribute'),
  delete_attribute: of('attribute'),
  add_attribute_value: of('attribute'),

  list_products: async (w) => ({ by: w.staff }), // drafts are theirs
  create_product: async (w) => ({ body: await productBody(w) }),
  read_product: async (w) => ({ path: { id: (await w.variant()).product.slug } }),
  update_product: async (w) => {
    const { variants, ...body } = await productBody(w);
    return { path: { id: (await w.product()).id }, body };
  },
  delete_product: of('product'),
  list_variants: async (w) => ({ path: { id: (await w.variant()).product.id } }),
  create_variant: async (w) => ({ path: { id: (await w.product()).id }, body: await variantBody(w) }),
  read_variant: variantPath,
  update_variant: async (w) => {
    const { stock, ...body } = await variantBody(w);
    return { ...(await variantPath(w)), body };
  },
  delete_variant: variantPath,
  list_images: of('product'),
  add_image: of('product'),
  delete_image: async (w) => {
    const { id } = await w.product();
    const image = await w.make(`catalogue/products/${id}/images/`, { url: 'https://example.com/shoe.jpg' });
    return { path: { id, image_id: image.id } };
  },

  read_stock: stockPath,
  move_stock: async (w) => ({ ...(await stockPath(w)), body: { quantity: 5, reason: 'delivery' } }),
  list_stock_movements: stockPath,

  limit_purchases: stockPath,

  create_shipping_method: async () => ({ body: { name: unique('Courier'), is_active: false }, alsoNeeds: ['is_active'] }),
  read_shipping_method: async (w) => ({ path: { id: (await w.shippingMethod()).id }, by: w.staff }), // hidden ones are theirs
  update_shipping_method: async (w) => ({ path: { id: (await w.shippingMethod()).id }, body: { name: unique('Courier'), is_active: false } }),
  delete_shipping_method: of('shippingMethod'),
  create_tax_rate: async (w) => ({ body: { category: (await w.category()).id }, alsoNeeds: ['category'] }),
  read_tax_rate: of('taxRate'),
  update_tax_rate: async (w) => ({ path: { id: (await w.taxRate()).id }, body: { percentage: '15' } }),
  delete_tax_rate: of('taxRate'),
  create_promotion: async () => ({
    body: { code: unique('CODE'), kind: 'percentage', percentage: '10', amount: undefined, applies_to: 'order', target_ids: [] },
    alsoNeeds: ['code', 'percentage'],
  }),
  read_promotion: of('promotion'),
  read_promotion_usage: of('promotion'),
  update_promotion: of('promotion'),
  delete_promotion: of('promotion'),

  get_cart: cartPath,
  delete_cart: cartPath,
  add_cart_item: async (w) => ({ ...(await cartPath(w)), body: { variant_id: (await w.variant()).variant.id, quantity: 2 } }),
  set_cart_item_quantity: itemPath,
  remove_cart_item: itemPath,
  claim_cart: cartPath,

  place_order: async (w) => ({
    body: { cart_id: (await w.cart()).cart.id, shipping_address: address, expected_total: '250.00', ...withoutPricing }, alsoNeeds: ['email'],
  }),
  quote_order: async (w) => ({ body: { cart_id: (await w.cart()).cart.id, ...withoutPricing } }),
  get_order: orderPath,
  cancel_order: orderPath,
  ship_order: async (w) => ({ path: { order_id: (await w.paidOrder()).id } }),
  deliver_order: async (w) => {
    const { id } = await w.paidOrder();
    await w.make(`orders/${id}/ship/`);
    return { path: { order_id: id } };
  },

  initiate_payment: async (w) => ({ path: { order_id: (await w.order()).id } }),
  verify_payment: async (w) => ({ path: { tx_ref: (await w.payment()).tx_ref } }),
  request_refund: async (w) => {
    const { tx_ref, items } = await w.paidOrder();
    const restock = [{ variant_id: items[0].variant_id, quantity: 1 }];
    return { path: { tx_ref }, body: { amount: '1.00', reason: 'a scratch', restock } };
  },
  list_refunds: async (w) => ({ path: { tx_ref: (await w.paidOrder()).tx_ref } }),
  confirm_payment: async (w) => {
    const { tx_ref } = await w.call('POST', `payment/initiate/${(await w.order()).id}/`, { provider: 'manual' });
    return { path: { tx_ref }, body: { reference: 'FT26331XK2' } };
  },
  get_payment: async (w) => ({ path: { tx_ref: (await w.paidOrder()).tx_ref } }),
  chapa_callback: async (w) => ({ query: { trx_ref: (await w.payment()).tx_ref, status: 'success' } }),
  chapa_webhook: async (w) => {
    const { tx_ref, amount, currency } = await w.payment();
    return signedWebhook(w, { event: 'charge.success', tx_ref, amount, currency, status: 'success' });
  },
};

// Requests beside the usual one, each with the status that it must get.
export const further = {
  list_products: async () => [{ expect: 403, query: { status: 'draft' } }],
  verify_payment: async (w) => [
    { expect: 200, path: { tx_ref: (await w.payment()).tx_ref }, headers: { Accept: 'text/html' }, mediaType: 'text/html' },
  ],
  chapa_webhook: async (w) => [
    { expect: 202, ...signedWebhook(w, { event: 'charge.success', tx_ref: 'nobody', amount: '1', currency: 'ETB', status: 'success' }) },
    { expect: 401, raw: '{}' },
    { expect: 401, raw: '{}', headers: { 'x-chapa-signature': '0'.repeat(64) } },
  ],
  place_order: async (w) => {
    const { cart, variant } = await w.cart();
    await w.make(`inventory/${variant.id}/movements/`, { quantity: -49, reason: 'loss' });
    const empty = await w.call('POST', 'cart/', {});
    const body = { cart_id: cart.id, email: 'late@example.com', shipping_address: address };
    return [
      { expect: 409, code: 'insufficient_stock', body },
      { expect: 409, code: 'cart_empty', body: { ...body, cart_id: empty.id } },
      { expect: 409, code: 'promotion_not_applicable', body: { ...body, promotion_codes: [unique('NOSUCHCODE')] } },
      { expect: 409, code: 'shipping_method_unavailable', body: { ...body, shipping_method_id: 999_999_999 } },
      { expect: 409, code: 'total_changed', body: { ...body, expected_total: '1.00' } },
    ];
  },
  ship_order: async (w) => [{ expect: 409, path: { order_id: (await w.order()).id } }],
  deliver_order: async (w) => [{ expect: 409, path: { order_id: (await w.order()).id } }],
  sign_in: async (w) => [{ expect: 401, code: 'invalid_credentials', body: { email: (await w.user()).email, password: 'wrong words here' } }],
};

async function variantPath(w) {
  const { product, variant } = await w.variant();
  return { path: { id: product.id, variant_id: variant.id } };
}
async function stockPath(w) {
  return { path: { variant_id: (await w.variant()).variant.id } };
}
async function cartPath(w) {
  return { path: { cart_id: (await w.cart()).cart.id } };
}
async function itemPath(w) {
  const { cart, item } = await w.cart();
  return { path: { cart_id: cart.id, item_id: item.id } };
}
async function orderPath(w) {
  const { id, email } = await w.order();
  return { path: { order_id: id }, query: { email } };
}
async function variantBody(w) {
  const attribute = await w.attribute();
  return { price: '125.00', compare_at_price: '150.00', attribute_values: [attribute.values[0].id] };
}
async function productBody(w) {
  return { brand: (await w.brand()).id, categories: [(await w.category()).id], status: 'active', variants: [{ sku: unique('SKU'), stock: 3 }] };
}
