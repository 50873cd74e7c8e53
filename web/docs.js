// Swagger UI over this server's own document. In a file of its own, so that the page needs no inline script.
window.ui = SwaggerUIBundle({ url: "/api/schema/", dom_id: "#swagger-ui", deepLinking: true, persistAuthorization: true });
