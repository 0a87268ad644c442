// The service's description in OpenAPI 3.1, served at /openapi.json and shown at /docs.

const user = { $ref: '#/components/schemas/User' };
const json = (schema: object): object => ({ 'application/json': { schema } });
const answer = (description: string, schema?: object): object =>
  schema === undefined ? { description } : { description, content: json(schema) };
const problem = (description: string): object => answer(description, { $ref: '#/components/schemas/Problem' });
const away = { 503: problem('Cassandra is away; try again shortly'), 504: problem('Cassandra did not answer in time') };
const body = { required: true, content: json({ $ref: '#/components/schemas/UserInput' }) };
const id = { name: 'id', in: 'path', required: true, schema: { type: 'string', format: 'uuid' } };
const badBody = { 400: problem('No user at all'), 422: problem('A user whose values make no sense') };
const missing = { 400: problem('Not a UUID'), 404: problem('There is no such user') };

export const openApi = {
  openapi: '3.1.0',
  info: { title: 'Users', version: '1.0.0', description: 'An example service on async-cassandra.' },
  paths: {
    '/users': {
      post: {
        summary: 'Create a user',
        requestBody: body,
        responses: { 201: answer('The user', user), ...badBody, ...away },
      },
      get: {
        summary: 'A page of users',
        parameters: [
          { name: 'limit', in: 'query', schema: { type: 'integer', minimum: 1, maximum: 1000, default: 50 } },
          { name: 'cursor', in: 'query', schema: { type: 'string' }, description: 'nextCursor of the former page' },
        ],
        responses: {
          200: answer('Users and the next cursor', { $ref: '#/components/schemas/UserPage' }),
          400: problem('A limit or cursor that is none'),
          ...away,
        },
      },
    },
    '/users/{id}': {
      parameters: [id],
      get: { summary: 'One user', responses: { 200: answer('The user', user), ...missing, ...away } },
      put: {
        summary: 'Replace a user',
        requestBody: body,
        responses: { 200: answer('The user', user), ...missing, ...badBody, ...away },
      },
      delete: { summary: 'Remove a user', responses: { 204: answer('It is gone'), ...missing, ...away } },
    },
    '/users.ndjson': {
      get: {
        summary: 'All users, a line of JSON each, as a stream of any length',
        responses: { 200: { description: 'The lines', content: { 'application/x-ndjson': {} } }, ...away },
      },
    },
    '/health': {
      get: { summary: 'Whether Cassandra answers', responses: { 200: answer('It does'), 503: answer('It does not') } },
    },
    '/metrics': { get: { summary: 'For Prometheus', responses: { 200: answer('Metrics in text format') } } },
    '/live': {
      get: { summary: 'Server-sent events for the live page', responses: { 200: answer('A stream of events') } },
    },
  },
  components: {
    schemas: {
      UserInput: {
        type: 'object',
        required: ['name', 'email'],
        additionalProperties: false,
        properties: {
          name: { type: 'string', minLength: 1, maxLength: 200 },
          email: { type: 'string', format: 'email', maxLength: 200 },
          age: { type: ['integer', 'null'], minimum: 0, maximum: 150 },
        },
      },
      User: {
        type: 'object',
        properties: {
          id: { type: 'string', format: 'uuid' },
          name: { type: 'string' },
          email: { type: 'string' },
          age: { type: ['integer', 'null'] },
          created_at: { type: 'string', format: 'date-time' },
        },
      },
      UserPage: {
        type: 'object',
        properties: {
          users: { type: 'array', items: user },
          nextCursor: { type: ['string', 'null'] },
        },
      },
      Problem: {
        type: 'object',
        properties: { statusCode: { type: 'integer' }, error: { type: 'string' }, message: { type: 'string' } },
      },
    },
  },
} as const;
